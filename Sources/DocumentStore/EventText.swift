//  An event as JSON: the one form in which it leaves the server, whoever asks.

import JSON

extension RecordedEvent {
    /// The event as a JSON object:
    ///
    ///     event_id     32 hexadecimal digits; the same each time that the event is sent
    ///     sequence     its place: greater than that of every earlier event
    ///     name         what happened: user_created, user_edited, user_deleted, user_line_associated
    ///     account_id   the account, or null for a document of the system
    ///     document_id  the document that it happened to
    ///     type         the kind of that document in the singular
    ///     revision     the document's revision after it
    ///     changed      the names of the top-level public fields that differ, sorted; never their values
    ///     related      the ids of further documents that it is about: the line of user_line_associated
    ///     reloads      what it makes stale outside of the store: dialplan, sip, voicemail
    ///     actor        who did it: user:ID, account:ID for a key of the account, or system
    ///     request_id   the request that did it, as in the answer and in the logs
    ///     time         Unix seconds
    package var json: JSONObject {
        [
            "event_id": .string(event.id),
            "sequence": .number(JSONNumber(Int(sequence))),
            "name": .string(event.name),
            "account_id": event.scope == .system ? .null : .string(event.scope.text),
            "document_id": .string(event.document.text),
            "type": .string(event.type),
            "revision": .string(event.revision.description),
            "changed": .array(event.changed.map { .string($0) }),
            "related": .array(event.related.map { .string($0.text) }),
            "reloads": .array(event.reloads.map { .string($0) }),
            "actor": .string(event.actor),
            "request_id": .string(event.requestID),
            "time": .number(JSONNumber(Int(event.time))),
        ]
    }

    /// Reads what `json` wrote; nil if it is something else.
    package init?(_ json: JSON) {
        guard let id = json["event_id"]?.string, let sequence = json["sequence"]?.int, let name = json["name"]?.string,
            let document = json["document_id"]?.string, let type = json["type"]?.string,
            let revision = (json["revision"]?.string).flatMap({ Revision($0) }), let time = json["time"]?.int,
            let actor = json["actor"]?.string, let requestID = json["request_id"]?.string
        else { return nil }
        func words(_ field: String) -> [String] { (json[field]?.array ?? []).compactMap(\.string) }
        let event = Event(
            id: id,
            name: name,
            scope: Scope(text: json["account_id"]?.string ?? ""),
            document: DocumentID(document),
            type: type,
            revision: revision,
            changed: words("changed"),
            related: words("related").map { DocumentID($0) },
            reloads: words("reloads"),
            actor: actor,
            requestID: requestID,
            time: Int64(time)
        )
        self.init(sequence: Int64(sequence), event: event)
    }
}

extension Event {
    /// What was done: the name without the kind of document: `created`, `edited`, `deleted`, `line_associated`.
    package var action: String { name.hasPrefix(type + "_") ? String(name.dropFirst(type.count + 1)) : name }
}
