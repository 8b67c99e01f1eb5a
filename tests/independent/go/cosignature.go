package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// cosigner verifies cosignatures of type 4 (C2SP tlog-cosignature), which the note package leaves to others.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

// Verify takes a big-endian time in seconds, then 64 bytes over a line, the time in a line, and the text.
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	seconds := binary.BigEndian.Uint64(sig)
	if seconds == 0 || seconds > 1<<63-1 {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

// newVerifier makes a verifier of a key of type 1 or 4.
func newVerifier(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("no verifier key")
	}
	material, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	if len(material) != 1+ed25519.PublicKeySize || material[0] != 4 {
		return note.NewVerifier(vkey)
	}
	sum := sha256.Sum256([]byte(parts[0] + "\n" + string(material)))
	hash, err := hex.DecodeString(parts[1])
	if err != nil || !bytes.Equal(hash, sum[:4]) {
		return nil, errors.New("another key hash")
	}
	return &cosigner{parts[0], binary.BigEndian.Uint32(hash), material[1:]}, nil
}
