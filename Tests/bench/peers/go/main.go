// The benchmark's work in Go and SQLite: devices of an account, on net/http/fcgi.
package main

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/mattn/go-sqlite3"
	"golang.org/x/crypto/argon2"
)

type object = map[string]interface{}

var secrets struct{ Key, Pepper, Node, Master string }
var signing ed25519.PrivateKey
var pepper []byte

// Readers share a few connections; writers have one of their own and a mutex, or they would fight for SQLite's lock.
var readers, writer *sql.DB
var writing sync.Mutex

var findUser, findDevice, firstPage, nextPage, allRows *sql.Stmt
var findForChange, insert, update, tell *sql.Stmt

// Claims of tokens whose signature was right, by digest.
var verified sync.Map

const row = "id, name, username, mac_address, owner_id, enabled, device_type"

var macAddress = regexp.MustCompile(`^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$`)

type refusal struct {
	status  int
	message string
	data    object
}

func (r refusal) Error() string { return r.message }

type envelope struct {
	Data         interface{} `json:"data"`
	Error        string      `json:"error,omitempty"`
	Message      string      `json:"message,omitempty"`
	Status       string      `json:"status"`
	RequestID    string      `json:"request_id"`
	Node         string      `json:"node"`
	Timestamp    string      `json:"timestamp"`
	Version      string      `json:"version"`
	AuthToken    string      `json:"auth_token,omitempty"`
	Revision     string      `json:"revision,omitempty"`
	PageSize     *int        `json:"page_size,omitempty"`
	StartKey     string      `json:"start_key,omitempty"`
	NextStartKey string      `json:"next_start_key,omitempty"`
}

type claims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Account  string `json:"account_id"`
	Issued   int64  `json:"iat"`
	From     int64  `json:"nbf"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
	Epochs   [2]int `json:"epochs"`
}

type summary struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Username *string `json:"username,omitempty"`
	MAC      *string `json:"mac_address,omitempty"`
	Owner    *string `json:"owner_id,omitempty"`
	Enabled  bool    `json:"enabled"`
	Kind     string  `json:"device_type"`
}

type stored struct{ body, revision string }

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func open(options string) *sql.DB {
	path := "file:" + os.Getenv("PEER_DATA") + "/peer.sqlite?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=10000" + options
	database, err := sql.Open("sqlite3", path)
	must(err)
	return database
}

func prepare(database *sql.DB, text string) *sql.Stmt {
	statement, err := database.Prepare(text)
	must(err)
	return statement
}

func main() {
	text, err := os.ReadFile(os.Getenv("PEER_DATA") + "/secrets.json")
	must(err)
	must(json.Unmarshal(text, &secrets))
	seed, err := hex.DecodeString(secrets.Key)
	must(err)
	signing = ed25519.NewKeyFromSeed(seed)
	pepper, err = hex.DecodeString(secrets.Pepper)
	must(err)
	readers, writer = open("&mode=ro"), open("&_txlock=immediate")
	readers.SetMaxOpenConns(8)
	readers.SetMaxIdleConns(8)
	writer.SetMaxOpenConns(1)
	findUser = prepare(readers, "SELECT a.epoch, u.epoch FROM accounts a JOIN users u ON u.account_id = a.id WHERE a.id = ? AND u.id = ?"+
		" AND a.enabled AND u.enabled AND NOT EXISTS (SELECT 1 FROM revoked_tokens WHERE id = ?)")
	device := "SELECT body, revision FROM devices WHERE account_id = ? AND id = ?"
	findDevice, findForChange = prepare(readers, device), prepare(writer, device)
	insert = prepare(writer, "INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	update = prepare(writer, "UPDATE devices SET name = ?, username = ?, mac_address = ?, owner_id = ?, enabled = ?, device_type = ?,"+
		" revision = ?, modified = ?, body = ? WHERE account_id = ? AND id = ?")
	tell = prepare(writer, "INSERT INTO events (name, account_id, document, revision, time) VALUES (?, ?, ?, ?, ?)")
	list := "SELECT " + row + " FROM devices WHERE account_id = ?"
	firstPage = prepare(readers, list+" ORDER BY name, id LIMIT ?")
	nextPage = prepare(readers, list+" AND (name, id) >= (?, ?) ORDER BY name, id LIMIT ?")
	allRows = prepare(readers, list+" ORDER BY name, id")

	listener, err := net.Listen("unix", os.Getenv("PEER_SOCKET"))
	must(err)
	must(fcgi.Serve(listener, http.HandlerFunc(serve)))
}

func serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Request-ID", requestID(r))
	err := route(w, r)
	var refused refusal
	switch {
	case err == nil:
	case errors.As(err, &refused):
		data := refused.data
		if data == nil {
			data = object{}
		}
		answer(w, r, refused.status, envelope{Data: data, Error: strconv.Itoa(refused.status), Message: refused.message, Status: "error"})
	default:
		log.Print(err)
		answer(w, r, 500, envelope{Data: object{}, Error: "500", Message: "internal error", Status: "error"})
	}
}

func requestID(r *http.Request) string { return fcgi.ProcessEnv(r)["REQUEST_ID"] }

func route(w http.ResponseWriter, r *http.Request) error {
	words := strings.Split(strings.TrimPrefix(r.URL.Path, "/v2/"), "/")
	if len(words) == 1 && words[0] == "user_auth" && r.Method == "PUT" {
		return logIn(w, r)
	}
	if len(words) < 3 || len(words) > 4 || words[0] != "accounts" || words[2] != "devices" {
		return refusal{404, "not found", nil}
	}
	account := words[1]
	if err := authenticate(r, account); err != nil {
		return err
	}
	switch {
	case len(words) == 3 && r.Method == "GET":
		return devices(w, r, account)
	case len(words) == 3 && r.Method == "PUT":
		return create(w, r, account)
	case len(words) == 4 && r.Method == "GET":
		device, err := find(findDevice, account, words[3])
		if err != nil {
			return err
		}
		return show(w, r, device, 200)
	case len(words) == 4 && r.Method == "PATCH":
		return merge(w, r, account, words[3])
	}
	return refusal{405, "method not allowed", nil}
}

func answer(w http.ResponseWriter, r *http.Request, status int, body envelope) error {
	body.RequestID, body.Node, body.Version = requestID(r), secrets.Node, "peer"
	body.Timestamp = time.Now().UTC().Format("2006-01-02T15:04:05Z")
	if body.AuthToken == "" {
		body.AuthToken = r.Header.Get("X-Auth-Token")
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, err = w.Write(text)
	return err
}

// authenticate checks the token's signature and times, and whether account, user and token are still good.
func authenticate(r *http.Request, account string) error {
	invalid := refusal{401, "invalid credentials", nil}
	token := r.Header.Get("X-Auth-Token")
	digest := sha256.Sum256([]byte(token))
	var known claims
	if found, ok := verified.Load(digest); ok {
		known = found.(claims)
	} else {
		segments := strings.Split(token, ".")
		if len(segments) != 3 {
			return invalid
		}
		signature, err := base64.RawURLEncoding.DecodeString(segments[2])
		public := signing.Public().(ed25519.PublicKey)
		if err != nil || !ed25519.Verify(public, []byte(segments[0]+"."+segments[1]), signature) {
			return invalid
		}
		payload, err := base64.RawURLEncoding.DecodeString(segments[1])
		if err != nil || json.Unmarshal(payload, &known) != nil || known.Issuer != secrets.Node || known.Audience != "peer" {
			return invalid
		}
		verified.Store(digest, known)
	}
	if known.Expires <= time.Now().Unix() {
		return invalid
	}
	var epochs [2]int
	err := findUser.QueryRow(known.Account, known.Subject, known.ID).Scan(&epochs[0], &epochs[1])
	if err != nil || epochs != known.Epochs {
		return invalid
	}
	if known.Account != account && known.Account != secrets.Master {
		return refusal{403, "forbidden", nil}
	}
	return nil
}

func logIn(w http.ResponseWriter, r *http.Request) error {
	invalid := refusal{401, "invalid credentials", nil}
	data, err := payload(r)
	if err != nil {
		return err
	}
	var account, user, verifier string
	var salt []byte
	var now claims
	err = readers.QueryRow("SELECT id, salt, epoch FROM accounts WHERE name = ? AND enabled", data["account_name"]).
		Scan(&account, &salt, &now.Epochs[0])
	if err != nil {
		return invalid
	}
	mac := hmac.New(sha256.New, pepper)
	fmt.Fprintf(mac, "md5%v", data["credentials"])
	derived := argon2.IDKey(mac.Sum(nil), salt, 1, 47104, 1, 32)
	err = readers.QueryRow("SELECT id, verifier, epoch FROM users WHERE lookup = ? AND account_id = ? AND enabled",
		hex.EncodeToString(derived[:16]), account).Scan(&user, &verifier, &now.Epochs[1])
	if err != nil || subtle.ConstantTimeCompare([]byte(verifier), []byte(hex.EncodeToString(derived[16:]))) != 1 {
		return invalid
	}
	now.Issuer, now.Audience, now.Subject, now.Account, now.ID = secrets.Node, "peer", user, account, randomID()
	now.Issued = time.Now().Unix()
	now.From, now.Expires = now.Issued, now.Issued+3600
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"EdDSA","typ":"JWT"}`)) + "." + encode(text)
	token := signed + "." + encode(ed25519.Sign(signing, []byte(signed)))
	return answer(w, r, 201, envelope{Data: object{"account_id": account, "owner_id": user}, Status: "success", AuthToken: token})
}

func devices(w http.ResponseWriter, r *http.Request, account string) error {
	query := r.URL.Query()
	if query.Get("accept") == "csv" {
		rows, err := allRows.Query(account)
		if err != nil {
			return err
		}
		return table(w, rows)
	}
	size := 50
	if text := query.Get("page_size"); text != "" {
		size, _ = strconv.Atoi(text)
	}
	if size < 1 || size > 5000 {
		size = 5000
	}
	start := query.Get("start_key")
	var rows *sql.Rows
	var err error
	if start == "" {
		rows, err = firstPage.Query(account, size+1)
	} else {
		var place [2]string
		text, wrong := base64.URLEncoding.DecodeString(start)
		if wrong != nil || json.Unmarshal(text, &place) != nil {
			return refusal{400, "invalid start key", nil}
		}
		rows, err = nextPage.Query(account, place[0], place[1], size+1)
	}
	if err != nil {
		return err
	}
	defer rows.Close()
	shown := make([]summary, 0, size+1)
	for rows.Next() {
		var one summary
		if err := rows.Scan(&one.ID, &one.Name, &one.Username, &one.MAC, &one.Owner, &one.Enabled, &one.Kind); err != nil {
			return err
		}
		shown = append(shown, one)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	body := envelope{Status: "success", StartKey: start}
	if len(shown) > size {
		text, err := json.Marshal([2]string{shown[size].Name, shown[size].ID})
		if err != nil {
			return err
		}
		body.NextStartKey = base64.URLEncoding.EncodeToString(text)
		shown = shown[:size]
	}
	count := len(shown)
	body.Data, body.PageSize = shown, &count
	return answer(w, r, 200, body)
}

func table(w http.ResponseWriter, rows *sql.Rows) error {
	defer rows.Close()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	output := csv.NewWriter(w)
	if err := output.Write(strings.Split(row, ", ")); err != nil {
		return err
	}
	cells := make([]sql.NullString, 7)
	var places [7]interface{}
	for index := range cells {
		places[index] = &cells[index]
	}
	line := make([]string, 7)
	for rows.Next() {
		if err := rows.Scan(places[:]...); err != nil {
			return err
		}
		for index, cell := range cells {
			line[index] = cell.String
		}
		if err := output.Write(line); err != nil {
			return err
		}
	}
	output.Flush()
	return rows.Err()
}

func create(w http.ResponseWriter, r *http.Request, account string) error {
	device, err := payload(r)
	if err != nil {
		return err
	}
	id := randomID()
	var result stored
	err = transaction(func(tx *sql.Tx) (err error) {
		result, err = store(tx, account, id, device, "", "device_created")
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v2/accounts/"+account+"/devices/"+id)
	return show(w, r, result, 201)
}

func merge(w http.ResponseWriter, r *http.Request, account, id string) error {
	patch, err := payload(r)
	if err != nil {
		return err
	}
	var result stored
	err = transaction(func(tx *sql.Tx) error {
		old, err := find(tx.Stmt(findForChange), account, id)
		if err != nil {
			return err
		}
		var device object
		if err := json.Unmarshal([]byte(old.body), &device); err != nil {
			return err
		}
		apply(patch, device)
		result, err = store(tx, account, id, device, old.revision, "device_edited")
		return err
	})
	if err != nil {
		return err
	}
	return show(w, r, result, 200)
}

func apply(patch, device object) {
	for name, value := range patch {
		inner, isObject := value.(object)
		before, wasObject := device[name].(object)
		switch {
		case value == nil:
			delete(device, name)
		case isObject && wasObject:
			apply(inner, before)
		default:
			device[name] = value
		}
	}
}

func find(statement *sql.Stmt, account, id string) (device stored, err error) {
	err = statement.QueryRow(account, id).Scan(&device.body, &device.revision)
	if errors.Is(err, sql.ErrNoRows) {
		err = refusal{404, "bad identifier", nil}
	}
	return
}

func show(w http.ResponseWriter, r *http.Request, device stored, status int) error {
	tag := `"` + device.revision + `"`
	w.Header().Set("ETag", tag)
	if r.Method == "GET" && strings.Contains(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(304)
		return nil
	}
	if r.URL.Query().Get("accept") == "html" {
		var fields object
		if err := json.Unmarshal([]byte(device.body), &fields); err != nil {
			return err
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		return page.Execute(w, fields)
	}
	// The document's text is stored as it is shown.
	return answer(w, r, status, envelope{Data: json.RawMessage(device.body), Status: "success", Revision: device.revision})
}

func payload(r *http.Request) (object, error) {
	var body struct{ Data object }
	if json.NewDecoder(r.Body).Decode(&body) != nil || body.Data == nil {
		return nil, refusal{400, "invalid request", nil}
	}
	return body.Data, nil
}

func transaction(body func(*sql.Tx) error) error {
	writing.Lock()
	defer writing.Unlock()
	tx, err := writer.Begin()
	if err != nil {
		return err
	}
	if err := body(tx); err != nil {
		tx.Rollback()
		return err
	}
	return tx.Commit()
}

// store validates and writes a device and the event of it.
func store(tx *sql.Tx, account, id string, device object, replaced, event string) (stored, error) {
	violations := object{}
	name, isText := device["name"].(string)
	if device["name"] == nil {
		violations["name"] = object{"required": object{"message": "Field is required but missing"}}
	} else if length := utf8.RuneCountInString(name); !isText || length < 1 || length > 128 {
		violations["name"] = object{"maxLength": object{"message": "String must have 1 to 128 characters", "value": device["name"]}}
	}
	kind, isNamed := device["device_type"].(string)
	if !isNamed {
		kind = "sip_device"
	}
	enabled := true
	if value, there := device["enabled"]; there {
		if enabled, isText = value.(bool); !isText {
			violations["enabled"] = object{"type": object{"message": "Value did not match type(s): boolean"}}
		}
	}
	if value, there := device["mac_address"]; there {
		if text, _ := value.(string); !macAddress.MatchString(text) {
			violations["mac_address"] = object{"pattern": object{"message": "Failed to match pattern"}}
		}
	}
	if len(violations) > 0 {
		return stored{}, refusal{400, "validation error", violations}
	}
	device["id"] = id
	body, err := json.Marshal(device)
	if err != nil {
		return stored{}, err
	}
	generation, _ := strconv.Atoi(strings.Split(replaced, "-")[0])
	revision := fmt.Sprintf("%d-%x", generation+1, md5.Sum(append([]byte(replaced), body...)))
	now := time.Now().Unix()
	sip, _ := device["sip"].(object)
	if replaced == "" {
		_, err = tx.Stmt(insert).Exec(account, id, name, sip["username"],
			device["mac_address"], device["owner_id"], enabled, kind, revision, now, string(body))
	} else {
		_, err = tx.Stmt(update).Exec(name, sip["username"],
			device["mac_address"], device["owner_id"], enabled, kind, revision, now, string(body), account, id)
	}
	var failure sqlite3.Error
	if errors.As(err, &failure) && failure.Code == sqlite3.ErrConstraint {
		return stored{}, refusal{400, "validation error", object{"mac_address": object{"unique": object{"message": "already in use"}}}}
	}
	if err == nil {
		_, err = tx.Stmt(tell).Exec(event, account, id, revision, now)
	}
	return stored{string(body), revision}, err
}

func randomID() string {
	var bytes [16]byte
	_, err := rand.Read(bytes[:])
	must(err)
	return hex.EncodeToString(bytes[:])
}

var page = template.Must(template.New("device").Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{{.name}}</title></head>
<body>
<h1>{{.name}}</h1>
<table>
{{- define "rows"}}{{range $name, $value := .}}
<tr><th>{{$name}}</th><td>{{if eq (printf "%T" $value) "map[string]interface {}"}}<table>{{template "rows" $value}}</table>{{else}}{{$value}}{{end}}</td></tr>
{{- end}}{{end}}{{template "rows" .}}
</table>
<form method="post"><input name="data.name" value="{{.name}}"><button>Save</button></form>
</body>
</html>
`))
