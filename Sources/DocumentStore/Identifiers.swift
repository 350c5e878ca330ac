//  The names of things in a store: ids, scopes, addresses and revisions.

import Bytes
import JSON

/// The id of a document: 32 lowercase hexadecimal digits, or a word for a document that exists once (`limits`).
package struct DocumentID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }

    /// Ids are equal byte by byte, as the store compares them; a text would be compared as a person reads it.
    package static func == (left: DocumentID, right: DocumentID) -> Bool {
        sameScalars(left.text, right.text)
    }

    package func hash(into hasher: inout Hasher) { hashScalars(text, into: &hasher) }

    /// Makes a new id: 128 random bits as 32 lowercase hexadecimal digits.
    package static func random() -> DocumentID { DocumentID(hexadecimal(randomBytes(16))) }
}

/// Where a document lives: one account, or the system.
package enum Scope: Hashable, Sendable {
    case system
    case account(DocumentID)

    /// The account's id, or the empty text for the system.
    package var text: String {
        switch self {
        case .system: ""
        case .account(let id): id.text
        }
    }

    package init(text: String) { self = text.isEmpty ? .system : .account(DocumentID(text)) }
}

/// A document's scope and id: its full name in a store.
package struct DocumentAddress: Hashable, Sendable {
    package var scope: Scope
    package var id: DocumentID

    package init(_ id: DocumentID, in scope: Scope) {
        self.scope = scope
        self.id = id
    }
}

/// The state of a document: `N-<32 hex>`, N counting its writes from 1.
package struct Revision: Hashable, Sendable, CustomStringConvertible {
    package let generation: Int
    package let digest: String

    /// The revision that follows `previous` when the document becomes `content`.
    ///
    /// The digest covers the previous revision, so equal contents at different times differ.
    package init(after previous: Revision?, content: [UInt8]...) {
        generation = (previous?.generation ?? 0) + 1
        digest = revisionDigest(previous: previous?.description ?? "", content: content)
    }

    /// Reads a revision; nil if the text is none.
    package init?(_ text: some StringProtocol) {
        guard let dash = text.firstIndex(of: "-"), let generation = Int(text[..<dash]), generation > 0,
            text.first != "+"
        else { return nil }
        let digest = text[text.index(after: dash)...]
        guard digest.utf8.count == 32, digest.utf8.allSatisfy(isLowercaseHexadecimal) else { return nil }
        self.generation = generation
        self.digest = String(digest)
    }

    package var description: String { "\(generation)-\(digest)" }
}

func isLowercaseHexadecimal(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}
