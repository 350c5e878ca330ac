//  A field that names other documents of the same account.

import DocumentStore
import Gateway
import JSON

/// Ids of documents of one kind, and what becomes of them when such a document is deleted.
package struct ReferenceField: Sendable {
    /// What happens to the document that holds the field when the one that it names is deleted.
    package enum DeleteRule: Sendable {
        /// Nothing: the id stays, and leads nowhere.
        case keep
        /// The id is taken out of the field.
        case clear
        /// The document is deleted too.
        case cascade
        /// The other one cannot be deleted as long as it is named.
        case refuse
    }

    package let path: FieldPath
    /// The kind of document that is named.
    package let target: String
    package let onDelete: DeleteRule
    /// Whether a document that is named must exist when the field is written.
    package let mustExist: Bool

    package init(_ path: FieldPath, to target: String, onDelete: DeleteRule = .keep, mustExist: Bool = false) {
        self.path = path
        self.target = target
        self.onDelete = onDelete
        self.mustExist = mustExist
    }

    func references(of document: Document) -> [OutgoingReference] {
        let ids = path.texts(in: document.fields).map(\.text)
        return Set(ids).sorted().map { OutgoingReference(field: path.description, target: DocumentID($0)) }
    }

    /// Takes an id out of the fields.
    func clear(_ id: DocumentID, in fields: inout JSONObject) {
        let places = path.texts(in: fields).filter { $0.text == id.text }.map(\.path)
        // From the last to the first, so that an array that gets shorter moves no place that is still to come.
        for place in places.reversed() { fields.remove(at: place) }
    }
}

extension JSONObject {
    /// Removes what is at a path; an array closes the gap.
    fileprivate mutating func remove(at path: JSONPath) {
        guard let last = path.elements.last else { return }
        let parent = JSONPath(elements: path.elements.dropLast())
        guard let index = Int(last), var array = JSON.object(self).value(at: parent)?.array,
            array.indices.contains(index)
        else {
            set(nil, at: path)
            return
        }
        array.remove(at: index)
        set(.array(array), at: parent)
    }
}
