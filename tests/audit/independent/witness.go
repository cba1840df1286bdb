// A witness (C2SP tlog-witness) whose judgement is that of the Go project: sumdb/note opens the checkpoint, sumdb/tlog
// checks the consistency proof, crypto/ed25519 signs. witness NAME LOGKEY: says its key and its address, then
// answers /add-checkpoint; /open names who signed the note it is sent, of the log and itself.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type witness struct {
	sync.Mutex
	name   string
	secret ed25519.PrivateKey
	log    note.Verifier
	seen   tlog.Tree
}

func (w *witness) public() []byte { return w.secret.Public().(ed25519.PublicKey) }

// As a note.Verifier, so that sumdb/note opens what is cosigned.
func (w *witness) Name() string { return w.name }

func (w *witness) KeyHash() uint32 {
	hash := sha256.Sum256(append([]byte(w.name+"\n\x04"), w.public()...))
	return binary.BigEndian.Uint32(hash[:4])
}

func (w *witness) Verify(text, signed []byte) bool {
	at := binary.BigEndian.Uint64(signed)
	return ed25519.Verify(w.public(), message(at, string(text)), signed[8:])
}

func message(at uint64, text string) []byte {
	return []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text))
}

func (w *witness) cosigned(text string) string {
	at := uint64(time.Now().Unix())
	line := binary.BigEndian.AppendUint32(nil, w.KeyHash())
	line = binary.BigEndian.AppendUint64(line, at)
	line = append(line, ed25519.Sign(w.secret, message(at, text))...)
	return fmt.Sprintf("— %s %s\n", w.name, base64.StdEncoding.EncodeToString(line))
}

// The status and the body of the answer to a request.
func (w *witness) added(request string) (int, string) {
	head, signed, _ := strings.Cut(request, "\n\n")
	origin, _, _ := strings.Cut(signed, "\n")
	if origin != w.log.Name() {
		return 404, ""
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(w.log))
	if err != nil {
		return 403, err.Error()
	}
	lines, fields := strings.Split(head, "\n"), strings.Split(opened.Text, "\n")
	old, unread := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	size, unsized := strconv.ParseInt(fields[1], 10, 64)
	root, unrooted := tlog.ParseHash(fields[2])
	if unread != nil || unsized != nil || unrooted != nil || old > size {
		return 400, ""
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 400, err.Error()
		}
		proof = append(proof, hash)
	}
	w.Lock()
	defer w.Unlock()
	if old != w.seen.N || (old == size && root != w.seen.Hash) {
		return 409, fmt.Sprintln(w.seen.N)
	}
	if old == 0 && len(proof) > 0 {
		return 422, ""
	}
	if old > 0 {
		if err := tlog.CheckTree(proof, size, root, old, w.seen.Hash); err != nil {
			return 422, err.Error()
		}
	}
	w.seen = tlog.Tree{N: size, Hash: root}
	return 200, w.cosigned(opened.Text)
}

func (w *witness) opened(signed string) (int, string) {
	opened, err := note.Open([]byte(signed), note.VerifierList(w.log, w))
	if err != nil {
		return 403, err.Error()
	}
	var names []string
	for _, signature := range opened.Sigs {
		names = append(names, signature.Name)
	}
	return 200, strings.Join(names, " ")
}

func answering(answer func(string) (int, string)) http.HandlerFunc {
	return func(reply http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		status, said := answer(string(body))
		reply.WriteHeader(status)
		io.WriteString(reply, said)
	}
}

func main() {
	log, err := note.NewVerifier(os.Args[2])
	_, secret, failed := ed25519.GenerateKey(nil)
	listener, deaf := net.Listen("tcp", "127.0.0.1:0")
	if err != nil || failed != nil || deaf != nil {
		panic(fmt.Sprint(err, failed, deaf))
	}
	w := &witness{name: os.Args[1], secret: secret, log: log}
	key := base64.StdEncoding.EncodeToString(append([]byte{4}, w.public()...))
	fmt.Printf("%s+%08x+%s http://%s\n", w.name, w.KeyHash(), key, listener.Addr())
	http.HandleFunc("/add-checkpoint", answering(w.added))
	http.HandleFunc("/open", answering(w.opened))
	panic(http.Serve(listener, nil))
}
