//  What a client needs of the documents that a callflow names, so that it can show names instead of ids.

import PluginKit

enum CallflowMetadata {
    /// How many documents are described at most: reading one callflow must not read the whole account.
    private static let limit = 100

    /// Returns id → name, numbers and kind of each document that the steps name; an id that leads nowhere is left out.
    static func of(_ callflow: Document, _ reader: Reader) throws(APIError) -> JSON? {
        var metadata = JSONObject()
        for id in CallflowTree(callflow["flow"]).namedIDs.prefix(limit) {
            guard let document = try reader.document(DocumentID(id)) else { continue }
            var description = JSONObject()
            description["name"] = name(of: document)
            description["numbers"] = document["numbers"]
            description["pvt_type"] = .string(document.type)
            metadata[id] = .object(description)
        }
        return .object(metadata)
    }

    private static func name(of document: Document) -> JSON? {
        if let name = document["name"] { return name }
        let names = ["first_name", "last_name"].compactMap { document[$0]?.string }
        return names.isEmpty ? nil : .string(names.joined(separator: " "))
    }
}
