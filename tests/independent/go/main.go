// Command others reads what chainlog writes with the Go project's own packages: signed notes with x/mod/sumdb/note, trees, proofs
// and tiles with x/mod/sumdb/tlog. It shares no line with chainlog. What it verified goes to stdout; anything else is exit code 1.
//
//	others open VKEY... < note            the text, then a line for each signature that holds
//	others sign NAME < text               the verifier key of a new key, then the note it signed
//	others entry FILE VKEY... < proof     a tlog-proof of the entry in FILE
//	others grown < checks                 lines: old size, old root, new size, new root, hashes of the consistency proof
//	others tiles DIR VKEY...              a published log: checkpoint, every tile, every entry
//	others names < names                  one name in quotes a line; true or false for each
package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(verb string, args []string) error {
	switch verb {
	case "open":
		return open(args)
	case "sign":
		return sign(args[0])
	case "entry":
		return entry(args[0], args[1:])
	case "grown":
		return grown()
	case "tiles":
		return tiles(args[0], args[1:])
	case "names":
		return names()
	}
	return fmt.Errorf("no verb %q", verb)
}

func open(vkeys []string) error {
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	opened, err := openNote(data, vkeys)
	if err != nil {
		return err
	}
	fmt.Print(opened.Text)
	for _, one := range opened.Sigs {
		fmt.Printf("signed by %s+%08x\n", one.Name, one.Hash)
	}
	return nil
}

// openNote opens a note with verifier keys of type 1, which the package knows, and 4.
func openNote(data []byte, vkeys []string) (*note.Note, error) {
	var known []note.Verifier
	for _, vkey := range vkeys {
		verifier, err := newVerifier(vkey)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", vkey, err)
		}
		known = append(known, verifier)
	}
	return note.Open(data, note.VerifierList(known...))
}

func sign(name string) error {
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n%s", vkey, signed)
	return nil
}

func grown() error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		old, err := parseTree(words[0], words[1])
		if err != nil {
			return err
		}
		now, err := parseTree(words[2], words[3])
		if err != nil {
			return err
		}
		proof, err := parseHashes(words[4:])
		if err != nil {
			return err
		}
		fmt.Println(tlog.CheckTree(proof, now.N, now.Hash, old.N, old.Hash) == nil)
	}
	return lines.Err()
}

func names() error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		name, err := strconv.Unquote(lines.Text())
		if err != nil {
			return err
		}
		_, err = note.Sign(&note.Note{Text: "text\n"}, named(name))
		fmt.Println(err == nil)
	}
	return lines.Err()
}

// named is a signer of which only the name matters.
type named string

func (n named) Name() string                { return string(n) }
func (n named) KeyHash() uint32             { return 0 }
func (n named) Sign([]byte) ([]byte, error) { return []byte{0}, nil }

// parseCheckpoint reads the first three lines of a checkpoint (C2SP tlog-checkpoint).
func parseCheckpoint(text string) (origin string, tree tlog.Tree, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return "", tlog.Tree{}, fmt.Errorf("%d lines", len(lines)-1)
	}
	tree, err = parseTree(lines[1], lines[2])
	return lines[0], tree, err
}

func parseTree(size, root string) (tlog.Tree, error) {
	n, err := parseNumber(size)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(root)
	return tlog.Tree{N: n, Hash: hash}, err
}

func parseNumber(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("%q is no number", text)
	}
	return n, nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}
