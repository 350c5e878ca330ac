//  Documents of about one kilobyte, such as a user or a device.

import Bytes
import DocumentStore
import JSON

func accountScope(_ index: Int) -> Scope { .account(DocumentID(identifier(1, index))) }

/// 32 hexadecimal digits that look like a random id and can be told again.
func identifier(_ kind: UInt64, _ index: Int) -> String {
    func mixed(_ value: UInt64) -> String {
        var mixed = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return hexadecimal((0..<8).map { UInt8(truncatingIfNeeded: mixed >> (8 * $0)) })
    }
    let seed = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    return mixed(seed ^ kind) + mixed(seed &+ kind &+ 1)
}

private let filler = String(repeating: "Lorem ipsum dolor sit amet. ", count: 24)

func sampleWrite(_ index: Int, in scope: Scope, replacing: Revision? = nil, note: Int = 0) -> DocumentWrite {
    let id = DocumentID(identifier(2, index))
    let summary = #"{"id":"\#(id)","name":"User \#(index)","email":"user\#(index)@example.org","enabled":true}"#
    let body = Array(#"\#(summary.dropLast()),"note":\#(note),"timezone":"Europe/Berlin","text":"\#(filler)"}"#.utf8)
    let document = StoredDocument(
        id: id,
        scope: scope,
        type: "user",
        revision: Revision(after: replacing, content: body),
        created: 1_700_000_000,
        modified: 1_700_000_000,
        body: body,
        privateBody: Array(#"{"pvt_account_id":"\#(scope.text)","pvt_created_by":"system"}"#.utf8)
    )
    let projection = Projection(
        rows: [
            ListRow(
                scope: scope,
                view: "users",
                key: CollationKey([.string("User \(index)")]),
                summary: Array(summary.utf8)
            )
        ],
        uniqueKeys: [UniqueKey(scope: scope, name: "users.email", value: "user\(index)@example.org")],
        references: [OutgoingReference(field: "presence_id", target: DocumentID(identifier(3, index / 8)))]
    )
    return DocumentWrite(document, replacing: replacing, projection: projection)
}

func sampleEvent(_ document: StoredDocument) -> Event {
    Event(
        name: "user_edited",
        scope: document.scope,
        document: document.id,
        type: document.type,
        revision: document.revision,
        changed: ["name", "note"],
        actor: "user:\(document.id)",
        requestID: "0123456789abcdef",
        time: document.modified
    )
}
