//  Moves, copies and deletes messages of a box, one or many in one commit.

import PluginKit

enum VoicemailFiling {
    /// How many messages one request can name, and how many copies it can make.
    private static let limit = 1_000

    /// Where messages shall go.
    private enum Destination {
        case folder(JSON)
        case box(String)
        case copies([String])

        /// The boxes that get messages.
        var boxes: [String] {
            switch self {
            case .folder: []
            case .box(let box): [box]
            case .copies(let boxes): boxes
            }
        }
    }

    /// `{"messages": [ids], "folder": "saved"}`; without a destination, they are saved.
    static func fileSeveral(_ fields: JSONObject, in work: Work) throws(APIError) -> JSON {
        let ids = try ids(in: fields)
        let destination = destination(fields) ?? .folder("saved")
        try check(destination, messages: ids.count, work)
        return try each(ids) { id throws(APIError) in _ = try file(id, to: destination, work) }
    }

    /// `{"folder": "saved"}` or `{"source_id": "another box"}`.
    static func fileOne(_ id: DocumentID, _ fields: JSONObject, in work: Work) throws(APIError) -> Document {
        guard let destination = destination(fields) else {
            throw .invalid("folder", rule: "required", "Field is required but missing")
        }
        try check(destination, messages: 1, work)
        return try file(id, to: destination, work)
    }

    /// Deletes the messages that the client names, else those of the folder that it names, else all.
    static func deleteSeveral(_ fields: JSONObject, in work: Work) throws(APIError) -> JSON {
        let isNamed = fields["messages"] != nil
        let ids = isNamed ? try ids(in: fields) : try all(in: fields["folder"]?.string, work)
        return try each(ids) { id throws(APIError) in _ = try work.delete(id) }
    }

    private static func all(in folder: String?, _ work: Work) throws(APIError) -> [DocumentID] {
        let box = work.parent?.text ?? ""
        let view = folder == nil ? VmboxesMessagesPlugin.list : VmboxesMessagesPlugin.folders
        let rows = try work.reader.rows(
            VmboxesMessagesPlugin.self,
            view,
            within: folder.map { "\(box)/\($0)" } ?? box,
            limit: limit
        )
        return rows.compactMap { $0["id"]?.string.map(DocumentID.init) }
    }

    static func ids(in fields: JSONObject) throws(APIError) -> [DocumentID] {
        let ids = (fields["messages"]?.array?.compactMap(\.string) ?? []).distinct
        guard !ids.isEmpty else {
            throw .invalid("messages", rule: "required", "No array of message ids are specified")
        }
        guard ids.count <= limit else {
            throw .invalid("messages", rule: "maxItems", "At most \(limit) messages can be named at once")
        }
        return ids.map { DocumentID($0) }
    }

    private static func destination(_ fields: JSONObject) -> Destination? {
        switch fields["source_id"] {
        case .string(let box)?: .box(box)
        case .array(let boxes)?: .copies(boxes.compactMap(\.string).distinct)
        default: fields["folder"].map { .folder($0) }
        }
    }

    /// - Throws: `.validation` if that is too much for one commit; `.forbidden` for the box of somebody else. That there
    ///   is such a box is checked where the message is stored.
    private static func check(_ destination: Destination, messages count: Int, _ work: Work) throws(APIError) {
        guard destination.boxes.count <= limit / max(count, 1) else {
            throw .invalid("source_id", rule: "maxItems", "At most \(limit) copies can be made at once")
        }
        guard let caller = work.caller else { return }
        for id in destination.boxes {
            let box = try work.reader.document(DocumentID(id), type: VmboxesPlugin.documentType)
            if let box, !VmboxesMessagesPlugin.isOpen(box, to: caller) { throw .forbidden }
        }
    }

    private static func file(
        _ id: DocumentID,
        to destination: Destination,
        _ work: Work
    ) throws(APIError) -> Document {
        let message = try work.find(id)
        try message.requireNotFiled()
        switch destination {
        case .folder(let folder): return try work.merge(["folder": folder], into: id)
        case .box(let box):
            var moved = message
            moved.fields["source_id"] = .string(box)
            // Not below this box any more.
            return try work.on(VmboxesMessagesPlugin.self).save(Change(old: message, new: moved))
        case .copies(let boxes):
            let elsewhere = try work.on(VmboxesMessagesPlugin.self)
            for box in boxes {
                var copy = elsewhere.document(message.fields)
                copy.fields["source_id"] = .string(box)
                copy.takeAttachments(of: message)
                _ = try elsewhere.save(Change(old: nil, new: copy))
            }
            return message
        }
    }

    /// What became of each: a message that is not there harms no other.
    private static func each(
        _ ids: [DocumentID],
        _ body: (DocumentID) throws(APIError) -> Void
    ) throws(APIError) -> JSON {
        var succeeded: [JSON] = []
        var failed: [JSON] = []
        for id in ids {
            do throws(APIError) {
                try body(id)
                succeeded.append(.string(id.text))
            } catch .badIdentifier(id.text) {
                failed.append(.object([id.text: "not_found"]))
            }
        }
        return ["succeeded": .array(succeeded), "failed": .array(failed)]
    }
}

extension [String] {
    /// Each once, in the order in which they came first.
    fileprivate var distinct: [String] {
        var known: Set<String> = []
        return filter { known.insert($0).inserted }
    }
}
