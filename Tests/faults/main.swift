//  A workload whose promises can be checked afterwards.
//
//      StoreFaults work DIRECTORY     commits until it has made 60 changes or the store is read-only, and prints a
//                                     line for each that was acknowledged: `A <id> <generation> <attachment>`
//      StoreFaults verify DIRECTORY   reads these lines and opens the store; prints a sentence for each promise broken
//
//  `work` ends with 0, or with 75 when a sync failed and the store said so; everything else is a failure.

import DocumentStore
import Foundation
import Glibc
import JSON
import SQLiteStore
import Synchronization

/// Prints a line at once, whatever happens to the process next.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    write(1, bytes, bytes.count)
}

let account = Scope.account(DocumentID("a1"))
let failures = Mutex(0)

func openStore(_ directory: String) -> SQLiteStore {
    do {
        return try SQLiteStore(directory: directory, options: .init(checkpointPages: 40)) { error in
            failures.withLock { $0 += 1 }
        }
    } catch {
        say("cannot open: \(error)")
        exit(3)
    }
}

/// The state of a document in one of its generations.
func change(_ id: DocumentID, _ number: Int, replacing: Revision?, attachment: AttachmentDigest) -> DocumentWrite {
    let body = Array(#"{"id":"\#(id)","number":\#(number),"text":"\#(String(repeating: "x", count: 3_000))"}"#.utf8)
    let document = StoredDocument(
        id: id,
        scope: account,
        type: "user",
        revision: Revision(after: replacing, content: body),
        created: 1,
        modified: Int64(number),
        body: body
    )
    let projection = Projection(
        rows: [
            ListRow(scope: account, view: "users", key: CollationKey([.number(JSONNumber(number))]), summary: body)
        ],
        uniqueKeys: [UniqueKey(scope: account, name: "number", value: "\(id)-\(number)")],
        attachments: [attachment]
    )
    return DocumentWrite(document, replacing: replacing, projection: projection)
}

func work(_ store: SQLiteStore) {
    setenv("FAULT_ARMED", "1", 1)
    var revisions: [DocumentID: Revision] = [:]
    for number in 0..<60 where !store.statistics.isReadOnly {
        let id = DocumentID("u\(number % 7)")
        do {
            let digest = try store.storeAttachment(Array("bytes \(number)".utf8))
            let write = change(id, number, replacing: revisions[id], attachment: digest)
            try store.commit(ChangeSet(writes: [write], events: [edited(write.document)]))
            say("A \(id) \(write.document.revision.generation) \(digest)")
            revisions[id] = write.document.revision
        } catch .conflict {
            say("a commit that was refused has happened")
            exit(4)
        } catch {
            say("E \(error)")
        }
    }
    unsetenv("FAULT_ARMED")
    let isReadOnly = store.statistics.isReadOnly
    if (failures.withLock { $0 }) != (isReadOnly ? 1 : 0) {
        say("the failure was not told once")
        exit(4)
    }
    if isReadOnly { exit(75) }
    store.close()
}

func edited(_ document: StoredDocument) -> Event {
    Event(
        name: "user_edited",
        scope: account,
        document: document.id,
        type: document.type,
        revision: document.revision,
        changed: ["number"],
        actor: "system",
        requestID: "r",
        time: document.modified
    )
}

func verify(_ store: SQLiteStore) throws {
    var latest: [String: (generation: Int, attachment: String)] = [:]
    var count = 0
    while let line = readLine() {
        let words = line.split(separator: " ").map(String.init)
        guard words.first == "A", words.count == 4, let generation = Int(words[2]) else { continue }
        latest[words[1]] = (generation, words[3])
        count += 1
    }
    for (id, promise) in latest {
        guard let document = try store.document(DocumentID(id), in: account) else {
            say("\(id) is lost")
            continue
        }
        // One more may be on disk whose acknowledgement the fault prevented.
        if !(promise.generation...promise.generation + 1).contains(document.revision.generation) {
            say("\(id) has generation \(document.revision.generation), \(promise.generation) was acknowledged")
        }
        if let digest = AttachmentDigest(promise.attachment), document.revision.generation == promise.generation,
            try store.attachment(digest) == nil
        {
            say("attachment \(digest) of \(id) is lost")
        }
    }
    let events = try store.events(after: 0, limit: 1_000).count
    if !(count...count + 1).contains(events) { say("\(events) events, \(count) were acknowledged") }
    for finding in try store.reader.check() { say(finding) }
}

let arguments = CommandLine.arguments
guard arguments.count == 3 else { exit(2) }
let store = openStore(arguments[2])
switch arguments[1] {
case "work": work(store)
case "verify":
    do { try verify(store) } catch { say("cannot read: \(error)") }
default: exit(2)
}
