//  The cursor of a page as a client sees it: opaque text.

import Crypto
import DocumentStore
import Identity
import JSON

/// Places in a list as text: a version, a check sum, the document's id and the key, in base64url.
///
/// The check sum only tells our cursors from literal keys: a cursor that somebody makes up can begin a page anywhere
/// in a list that he may read, and nowhere else.
enum Cursor {
    private static let version: UInt8 = 1

    static func text(_ position: ListPosition) -> String {
        let id = Array((position.id?.text ?? "").utf8)
        let content = [version, UInt8(truncatingIfNeeded: id.count)] + id + position.key.bytes
        return String(decoding: Base64URL.encode(checkSum(content) + content), as: UTF8.self)
    }

    /// Reads a cursor; a text that is none is a key by itself: a number if it looks like one, else a string.
    static func position(_ text: String) -> ListPosition {
        if let bytes = Base64URL.decode(Array(text.utf8)[...]), bytes.count >= 6 {
            let content = Array(bytes[4...])
            let idEnd = 2 + Int(content[1])
            if Array(bytes[..<4]) == checkSum(content), content[0] == version, content.count >= idEnd {
                let id = String(decoding: content[2..<idEnd], as: UTF8.self)
                return ListPosition(
                    key: CollationKey(bytes: Array(content[idEnd...])),
                    id: id.isEmpty ? nil : DocumentID(id)
                )
            }
        }
        return ListPosition(key: CollationKey(JSONNumber(text: text).map(JSON.number) ?? .string(text)))
    }

    private static func checkSum(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes).prefix(4)) }
}
