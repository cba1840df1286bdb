// Checks a C2SP tlog-proof as a person keeps it: sumdb/note opens its checkpoint, sumdb/tlog checks its proof.
// prover LOGKEY FILE...: for each file a line of index, size and the entry it proves, or an error.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	log := must(note.NewVerifier(os.Args[1]))
	for _, file := range os.Args[2:] {
		head, signed, _ := strings.Cut(string(must(os.ReadFile(file))), "\n\n")
		lines := strings.Split(head, "\n")
		if lines[0] != "c2sp.org/tlog-proof@v1" {
			panic("not a tlog-proof")
		}
		entry := must(base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra ")))
		index := must(strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64))
		var proof tlog.RecordProof
		for _, line := range lines[3:] {
			proof = append(proof, must(tlog.ParseHash(line)))
		}
		opened := must(note.Open([]byte(signed), note.VerifierList(log)))
		fields := strings.Split(opened.Text, "\n")
		size, root := must(strconv.ParseInt(fields[1], 10, 64)), must(tlog.ParseHash(fields[2]))
		must(0, tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry)))
		fmt.Println(index, size, string(entry))
	}
}
