//  What of a document not everybody sees.

import DocumentStore
import Gateway
import JSON

/// The parts of a resource's documents that are hidden from some callers: wherever documents leave the kit, and wherever
/// a client could find them out by asking.
///
/// Administrators of the account and of those above it see everything, and so does the server itself. A user sees the
/// secret fields of what belongs to the user: of documents whose `owner_id` names the user, and of the user's own.
package struct Concealment: Sendable {
    package let secretFields: [FieldPath]
    /// Arrays with elements that only administrators see.
    var arrays: [GuardedArray] = []

    private static let ownerField = "owner_id"

    /// Whether a caller may see less than the whole of some document.
    func hides(from caller: Caller?) -> Bool {
        guard !secretFields.isEmpty || !arrays.isEmpty, let caller else { return false }
        return caller.privilege < .admin
    }

    /// Takes out what a caller does not see.
    ///
    /// - Parameter fields: of a document, or of a row with some of them.
    func conceal(in fields: inout JSONObject, of id: DocumentID, from caller: Caller?) {
        guard hides(from: caller) else { return }
        for array in arrays {
            guard let elements = fields[array.field]?.array else { continue }
            fields[array.field] = .array(elements.filter { !array.isGuarded($0) })
        }
        if !Self.owns(caller, id, fields) { removeSecrets(from: &fields) }
    }

    /// Takes out what not everybody sees.
    func removeSecrets(from fields: inout JSONObject) {
        for path in secretFields { fields = path.map(fields) { _ in nil } }
    }

    /// What a caller did not see he cannot have changed: it stays as it was. Nor does he make himself its owner.
    func keep(_ change: inout Change, by caller: Caller?) {
        guard hides(from: caller), let old = change.old, var new = change.new else { return }
        for array in arrays where old[array.field]?.array?.contains(where: array.isGuarded) == true {
            new.fields[array.field] = old[array.field]
        }
        if !secretFields.isEmpty, !Self.owns(caller, old.id, old.fields) {
            for path in secretFields {
                if let place = path.place {
                    new.fields.set(JSON.object(old.fields).value(at: place), at: place)
                } else if !path.values(in: old.fields).isEmpty {
                    new.fields[path.field] = old[path.field]
                }
            }
            new.fields[Self.ownerField] = old[Self.ownerField]
        }
        change.new = new
    }

    private static func owns(_ caller: Caller?, _ id: DocumentID, _ fields: JSONObject) -> Bool {
        guard let user = caller?.userID else { return false }
        return id.text == user || fields[ownerField]?.string == user
    }

    /// Who sees the secret fields, as a sentence; nil if there are none.
    var explanation: String? {
        guard !secretFields.isEmpty else { return nil }
        let names = secretFields.map { "`\($0)`" }.joined(separator: ", ")
        return "Shown to administrators, and to the user whose document it is: \(names)."
    }
}

/// An array with elements that only administrators see.
struct GuardedArray: Sendable {
    let field: String
    let isGuarded: @Sendable (JSON) -> Bool
}

extension StoredDocument {
    /// The public fields, without what a caller does not see.
    func fields(_ concealment: Concealment, for caller: Caller?) -> JSONObject? {
        guard var fields = (try? JSON(parsing: body))?.object else { return nil }
        concealment.conceal(in: &fields, of: id, from: caller)
        return fields
    }
}
