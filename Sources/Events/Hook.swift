//  A webhook as the relay knows it, and what becomes of a request to it.

import DocumentStore
import JSON

/// Whom to tell of which events, and how.
package struct Hook: Equatable, Sendable {
    package enum Method: String, Sendable { case get, post, put }
    package enum Format: String, Sendable {
        case form = "form-data"
        case json
    }

    package var id: String
    package var account: String
    /// The address: http or https.
    package var uri: String
    package var method = Method.post
    package var format = Format.form
    /// The secret of the signature.
    package var key: String
    /// How often a request for an event is sent again after it failed.
    package var retries = 2
    /// Whether events of the accounts below count too.
    package var includesDescendants = false
    /// Members that every request has beside those of the event; `type` and `action` narrow down which events count.
    package var customData = JSONObject()
    /// Unix seconds of when it was created or enabled; what happened before is not told.
    package var since: Int64 = 0
    /// The last event that was delivered to it, or given up, before the relay started.
    package var settled: Int64 = 0

    package init(id: String, account: String, uri: String, key: String) {
        self.id = id
        self.account = account
        self.uri = uri
        self.key = key
    }

    /// Whether an event is to be told to it.
    ///
    /// - Parameter ancestors: the accounts above the event's.
    package func wants(_ recorded: RecordedEvent, ancestors: [String]) -> Bool {
        let event = recorded.event
        guard recorded.sequence > settled, event.time >= since else { return false }
        guard event.scope.text == account || includesDescendants && ancestors.contains(account) else { return false }
        return Self.admits(customData["type"], event.type) && Self.admits(customData["action"], event.hookAction)
    }

    private static func admits(_ wanted: JSON?, _ word: String) -> Bool {
        guard let wanted = wanted?.string, wanted != "all" else { return true }
        return wanted == word
    }

    package var json: JSONObject {
        [
            "id": .string(id),
            "account_id": .string(account),
            "uri": .string(uri),
            "http_verb": .string(method.rawValue),
            "format": .string(format.rawValue),
            "key": .string(key),
            "retries": .number(JSONNumber(retries)),
            "include_subaccounts": .bool(includesDescendants),
            "custom_data": .object(customData),
            "since": .number(JSONNumber(Int(since))),
            "settled": .number(JSONNumber(Int(settled))),
        ]
    }

    package init?(_ json: JSON) {
        guard let id = json["id"]?.string, let account = json["account_id"]?.string, let uri = json["uri"]?.string,
            let key = json["key"]?.string
        else { return nil }
        self.init(id: id, account: account, uri: uri, key: key)
        method = (json["http_verb"]?.string).flatMap(Method.init) ?? .post
        format = (json["format"]?.string).flatMap(Format.init) ?? .form
        retries = min(max(json["retries"]?.int ?? 2, 0), 10)
        includesDescendants = json["include_subaccounts"]?.bool ?? false
        customData = json["custom_data"]?.object ?? JSONObject()
        since = Int64(json["since"]?.int ?? 0)
        settled = Int64(json["settled"]?.int ?? 0)
    }
}

extension Event {
    /// Crossbar's word for what happened to the document.
    package var hookAction: String {
        switch action {
        case "created": "doc_created"
        case "deleted": "doc_deleted"
        default: "doc_edited"
        }
    }
}

/// One request to a webhook, and what became of it.
package struct Attempt: Equatable, Sendable {
    package var hook: String
    package var account: String
    package var eventID: String
    package var eventName: String
    package var sequence: Int64
    /// From 1.
    package var number: Int
    /// Unix seconds.
    package var time: Int64
    /// Why it failed; nil if it was delivered.
    package var failure: String?
    /// The status of the answer, if there was one.
    package var status: Int?
    /// How often the request will be sent again.
    package var retriesLeft: Int
    /// Why the hook is to be disabled, if this was one failure too many.
    package var disabling: String?

    /// Whether nothing more is to be done for the event.
    package var isFinal: Bool { failure == nil || retriesLeft == 0 }

    package init(
        hook: String,
        account: String,
        eventID: String,
        eventName: String,
        sequence: Int64,
        number: Int,
        time: Int64,
        failure: String? = nil,
        status: Int? = nil,
        retriesLeft: Int = 0,
        disabling: String? = nil
    ) {
        self.hook = hook
        self.account = account
        self.eventID = eventID
        self.eventName = eventName
        self.sequence = sequence
        self.number = number
        self.time = time
        self.failure = failure
        self.status = status
        self.retriesLeft = retriesLeft
        self.disabling = disabling
    }

    package var json: JSONObject {
        var object: JSONObject = [
            "hook_id": .string(hook),
            "account_id": .string(account),
            "event_id": .string(eventID),
            "event_name": .string(eventName),
            "sequence": .number(JSONNumber(Int(sequence))),
            "attempt": .number(JSONNumber(number)),
            "time": .number(JSONNumber(Int(time))),
            "result": .string(failure == nil ? "success" : "failure"),
            "retries_left": .number(JSONNumber(retriesLeft)),
        ]
        object["reason"] = failure.map { .string($0) }
        object["response_code"] = status.map { .number(JSONNumber($0)) }
        object["disabling"] = disabling.map { .string($0) }
        return object
    }

    package init?(_ json: JSON) {
        guard let hook = json["hook_id"]?.string, let account = json["account_id"]?.string,
            let eventID = json["event_id"]?.string, let eventName = json["event_name"]?.string,
            let sequence = json["sequence"]?.int, let number = json["attempt"]?.int, let time = json["time"]?.int,
            let result = json["result"]?.string, let retriesLeft = json["retries_left"]?.int
        else { return nil }
        self.init(
            hook: hook,
            account: account,
            eventID: eventID,
            eventName: eventName,
            sequence: Int64(sequence),
            number: number,
            time: Int64(time),
            failure: result == "success" ? nil : json["reason"]?.string ?? "failure",
            status: json["response_code"]?.int,
            retriesLeft: retriesLeft,
            disabling: json["disabling"]?.string
        )
    }
}
