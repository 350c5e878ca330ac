//  A document as a file of its own: JSON with a stable order of keys, fit for a version control system.

import Bytes
import DocumentStore
import JSON

/// `DIR/<account or system>/<type>/<id>.json`.
struct ExportedDocument {
    let document: StoredDocument

    init(_ document: StoredDocument) { self.document = document }

    /// The folders and the name of the file under the directory of the export.
    var path: String { "\(folder)/\(name)" }

    var folder: String {
        "\(fileName(document.scope == .system ? "system" : document.scope.text))/\(fileName(document.type))"
    }

    var name: String { fileName(document.id.text) + ".json" }

    /// - Throws: `.corrupt` if the stored document is no JSON object.
    func text() throws(StoreError) -> [UInt8] {
        guard let body = try? JSON(parsing: document.body), let fields = try? JSON(parsing: document.privateBody) else {
            throw .corrupt("The fields of \(words(document.address)) are no JSON object.")
        }
        var members: [(String, JSON)] = [
            ("id", .string(document.id.text)),
            ("type", .string(document.type)),
            ("revision", .string(document.revision.description)),
            ("created", .number(JSONNumber(Int(document.created)))),
            ("modified", .number(JSONNumber(Int(document.modified)))),
            ("deleted", .bool(document.isDeleted)),
            ("document", sorted(body)),
            ("private", sorted(fields)),
        ]
        if case .account(let account) = document.scope { members.insert(("account", .string(account.text)), at: 0) }
        return JSON.object(JSONObject(members)).bytes(.pretty) + Array("\n".utf8)
    }

    /// Reads the text of a file.
    ///
    /// - Throws: `.corrupt` with what is wrong with it.
    init(parsing text: [UInt8]) throws(StoreError) {
        let value: JSON
        do {
            value = try JSON(parsing: text)
        } catch {
            throw .corrupt("line \(error.line), column \(error.column): \(error.message)")
        }
        guard value.object != nil else { throw .corrupt("It is no JSON object.") }
        func member<Value>(_ name: String, _ read: (JSON) -> Value?, _ kind: String) throws(StoreError) -> Value {
            guard let result = value[name].flatMap(read) else {
                throw .corrupt("\"\(name)\" is missing or no \(kind).")
            }
            return result
        }
        let scope: Scope =
            value["account"] == nil ? .system : .account(DocumentID(try member("account", \.string, "text")))
        document = StoredDocument(
            id: DocumentID(try member("id", \.string, "text")),
            scope: scope,
            type: try member("type", \.string, "text"),
            revision: try member("revision", { $0.string.flatMap { Revision($0) } }, "revision"),
            created: Int64(try member("created", \.int, "integer")),
            modified: Int64(try member("modified", \.int, "integer")),
            isDeleted: try member("deleted", \.bool, "boolean"),
            body: JSON.object(try member("document", \.object, "object")).bytes(),
            privateBody: JSON.object(try member("private", \.object, "object")).bytes()
        )
    }
}

/// The value with the keys of each object in order.
private func sorted(_ value: JSON) -> JSON {
    switch value {
    case .array(let elements): .array(elements.map(sorted))
    case .object(let members):
        .object(
            JSONObject(
                members.map { ($0.key, sorted($0.value)) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
            )
        )
    default: value
    }
}

/// A name that is a file name on every system and tells the original: other characters as `%` and two digits.
private func fileName(_ text: String) -> String {
    var name = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            name.unicodeScalars.append(Unicode.Scalar(byte))
        default: name += "%" + hexadecimal([byte])
        }
    }
    return name
}
