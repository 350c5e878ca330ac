//  The cursor of a page as a client sees it: opaque text.

import Crypto
import DocumentStore
import Identity
import JSON

/// Places in a list as text: a check sum, a version, the document's id, its scope where that counts, and the key, in
/// base64url.
///
/// The check sum only tells our cursors from literal keys: a cursor that somebody makes up can begin a page anywhere
/// in a list that he may read, and nowhere else.
enum Cursor {
    private static let version: UInt8 = 2
    /// Stands for no owner, which is another thing than the system.
    private static let nobody = "*"

    static func text(_ position: ListPosition) -> String {
        let content =
            [version] + field(position.id?.text ?? "") + field(position.owner?.text ?? nobody) + position.key.bytes
        return String(decoding: Base64URL.encode(checkSum(content) + content), as: UTF8.self)
    }

    /// Reads a cursor; a text that is none is a key by itself: a number if it looks like one, else a string.
    static func position(_ text: String) -> ListPosition {
        if let bytes = Base64URL.decode(Array(text.utf8)[...]), bytes.count >= 4, bytes[4...].first == version,
            Array(bytes[..<4]) == checkSum(Array(bytes[4...]))
        {
            var rest = bytes[5...]
            if let id = takeField(&rest), let owner = takeField(&rest) {
                return ListPosition(
                    key: CollationKey(bytes: Array(rest)),
                    id: id.isEmpty ? nil : DocumentID(id),
                    owner: owner == nobody ? nil : Scope(text: owner)
                )
            }
        }
        return ListPosition(key: CollationKey(JSONNumber(text: text).map(JSON.number) ?? .string(text)))
    }

    /// A text behind its length; ids are shorter than 256 bytes.
    private static func field(_ text: String) -> [UInt8] {
        [UInt8(truncatingIfNeeded: text.utf8.count)] + Array(text.utf8)
    }

    private static func takeField(_ bytes: inout ArraySlice<UInt8>) -> String? {
        guard let length = bytes.popFirst(), bytes.count >= Int(length) else { return nil }
        defer { bytes = bytes.dropFirst(Int(length)) }
        return String(decoding: bytes.prefix(Int(length)), as: UTF8.self)
    }

    private static func checkSum(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes).prefix(4)) }
}
