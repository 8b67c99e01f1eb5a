package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// folder reads tiles where C2SP tlog-tiles puts them: tile/<L>/<N>, without the height in the path.
type folder string

func (f folder) Height() int                     { return height }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		data, err := f.read(fmt.Sprint(tile.L), tile.N, tile.W)
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%v: %d bytes", tile, len(data))
		}
		found = append(found, data)
	}
	return found, nil
}

func (f folder) read(level string, n int64, w int) ([]byte, error) {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if w < width {
		path = fmt.Sprintf("%s.p/%d", path, w)
	}
	return os.ReadFile(filepath.Join(string(f), "tile", level, path))
}

// tiles checks a published log: the checkpoint, the root, each entry against its hash, and proofs made of the tiles alone.
func tiles(dir string, vkeys []string) error {
	data, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	opened, err := openNote(data, vkeys)
	if err != nil {
		return err
	}
	origin, tree, err := parseCheckpoint(opened.Text)
	if err != nil {
		return err
	}
	// The reader checks every tile against the root of the tree.
	reader := tlog.TileHashReader(tree, folder(dir))
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("another root")
	}
	for start := int64(0); start < tree.N; start += width {
		if err := checkBundle(folder(dir), start, tree, reader); err != nil {
			return fmt.Errorf("entries from %d: %w", start, err)
		}
	}
	for old := int64(1); old <= tree.N; old = 2*old + 1 {
		if err := checkGrowth(old, tree, reader); err != nil {
			return fmt.Errorf("from a tree of %d: %w", old, err)
		}
	}
	fmt.Printf("%s %d\n", origin, tree.N)
	return nil
}

// checkBundle reads up to 256 entries, each after its length in two bytes.
func checkBundle(dir folder, start int64, tree tlog.Tree, reader tlog.HashReader) error {
	count := width
	if tree.N-start < width {
		count = int(tree.N - start)
	}
	bundle, err := dir.read("entries", start/width, count)
	if err != nil {
		return err
	}
	var wanted []int64
	for index := start; index < start+int64(count); index++ {
		wanted = append(wanted, tlog.StoredHashIndex(0, index))
	}
	leaves, err := reader.ReadHashes(wanted)
	if err != nil {
		return err
	}
	for index := start; index < start+int64(count); index++ {
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return errors.New("cut off")
		}
		length := int(binary.BigEndian.Uint16(bundle))
		record := bundle[2 : 2+length]
		bundle = bundle[2+length:]
		leaf := leaves[index-start]
		if leaf != tlog.RecordHash(record) {
			return fmt.Errorf("entry %d has another hash", index)
		}
		if (index-start)%101 != 0 {
			continue
		}
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
			return err
		}
	}
	if len(bundle) > 0 {
		return errors.New("more than its entries")
	}
	return nil
}

func checkGrowth(old int64, tree tlog.Tree, reader tlog.HashReader) error {
	root, err := tlog.TreeHash(old, reader)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, old, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old, root)
}
