// Reads a log of ours with what the Go project uses for its checksum database: sumdb/note and sumdb/tlog.
// reader BASE VKEY KEPT...: opens the checkpoint at BASE (a directory or an address), authenticates every tile,
// compares every entry with its leaf, proves one entry of each bundle, and that the log continues every
// checkpoint that was kept. One line of size and root, or an error.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type tiles struct{ base string }

func (t tiles) get(name string) []byte {
	if !strings.HasPrefix(t.base, "http://") {
		return must(os.ReadFile(t.base + "/" + name))
	}
	answer := must(http.Get(t.base + "/" + name))
	if answer.StatusCode != 200 {
		panic(fmt.Sprint(name, ": ", answer.Status))
	}
	return must(io.ReadAll(answer.Body))
}

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(asked []tlog.Tile) (read [][]byte, err error) {
	for _, tile := range asked { // its paths name the height, those of tlog-tiles do not
		read = append(read, t.get(strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
	}
	return read, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func entries(bundle []byte) (found [][]byte) {
	for len(bundle) > 0 {
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		found, bundle = append(found, bundle[2:end]), bundle[end:]
	}
	return found
}

func opened(checkpoint []byte) (tree tlog.Tree) {
	read := must(note.Open(checkpoint, note.VerifierList(must(note.NewVerifier(os.Args[2])))))
	lines := strings.Split(read.Text, "\n")
	tree.N = must(strconv.ParseInt(lines[1], 10, 64))
	copy(tree.Hash[:], must(base64.StdEncoding.DecodeString(lines[2])))
	return tree
}

func main() {
	log := tiles{os.Args[1]}
	tree := opened(log.get("checkpoint"))
	hashes := tlog.TileHashReader(tree, log)
	for start := int64(0); start < tree.N; start += 256 {
		tile := tlog.Tile{H: 8, L: 0, N: start / 256, W: int(min(256, tree.N-start))}
		name := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		var places []int64
		found := entries(log.get(name))
		for at := range found {
			places = append(places, tlog.StoredHashIndex(0, start+int64(at)))
		}
		for at, leaf := range must(hashes.ReadHashes(places)) {
			if leaf != tlog.RecordHash(found[at]) || len(found) != tile.W {
				panic(fmt.Sprint("entry ", start+int64(at)))
			}
		}
		proof := must(tlog.ProveRecord(tree.N, start, hashes))
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, start, tlog.RecordHash(found[0])))
	}
	for _, kept := range os.Args[3:] {
		old := opened(must(os.ReadFile(kept)))
		proof := must(tlog.ProveTree(tree.N, old.N, hashes))
		check(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
	}
	fmt.Println(tree.N, tree.Hash)
}

func check(err error) { must(0, err) }

func min(one, other int64) int64 {
	if one < other {
		return one
	}
	return other
}
