//  HTTP in and out of telephone numbers: a list that is a map, items named by the number, several numbers at once.

import PluginKit

struct PhoneNumbersResource: Sendable {
    /// How many numbers one call can bring.
    private static let limit = 1_000

    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    /// The account's numbers as a map from number to facts. With a `prefix`, a client looks for numbers that are for
    /// sale: there are none.
    func list() -> Route {
        Route([(.get, .account(.user))]) { call throws(APIError) in
            guard call.query["prefix"] == nil else { return Reply(.rows([])) }
            var reply = try service(call).list(ListRequest(call))
            var numbers = JSONObject()
            try reply.content.forEachRow { row in
                guard var facts = row.object, let number = facts.removeValue(forKey: "id")?.string else { return }
                facts["features_available"] = .array(NumberFeatures.all)
                numbers[number] = .object(facts)
            }
            let count = JSON.number(JSONNumber(numbers.count))
            reply.content = .value(JSON.object(["numbers": .object(numbers), "cascade_quantity": count]).bytes())
            return reply
        }
    }

    func item() -> Route {
        let methods: [(method: HTTPRequest.Method, access: Access)] = [
            (.get, .account(.user)), (.put, .account(.admin)), (.post, .account(.admin)), (.patch, .account(.admin)),
            (.delete, .account(.admin)),
        ]
        return Route(methods) { call throws(APIError) in
            let service = try service(call)
            let number = number(call)
            switch call.method {
            case .get: return .document(try service.read(number))
            case .put: return .created(try service.create(fields(call, number)), at: call.path)
            case .post: return .document(try service.replace(number, with: fields(call)))
            case .patch: return .document(try service.merge(fields(call), into: number))
            default: return .deleted(try service.delete(number))
            }
        }
    }

    /// Brings a number into another state.
    func action(state: JSON) -> Route {
        Route([(.put, .account(.admin))]) { call throws(APIError) in
            var patch = try fields(call)
            patch["state"] = state
            return try .created(service(call).merge(patch, into: number(call)), at: call.path)
        }
    }

    /// Which account has a number: the one in the path, or one that is not told.
    func identification() -> Route {
        Route([(.get, .account(.user))]) { call throws(APIError) in
            let number = number(call)
            _ = try service(call).read(number)
            let account = call.account?.id ?? ""
            return Reply(["number": .string(number.text), "account_id": .string(account)])
        }
    }

    /// Finds what each number is used for anew, as every answer does: one number as it is, or nothing of all of them.
    func repair() -> Route {
        Route([(.post, .account(.admin))]) { call throws(APIError) in
            guard call.arguments.count > 1, let text = call.arguments.last else { return Reply([:]) }
            return .document(try service(call).read(DocumentID(TelephoneNumber.normalised(text))))
        }
    }

    /// Several numbers at once: each succeeds or fails by itself.
    func collection() -> Route {
        let methods: [(method: HTTPRequest.Method, access: Access)] = [
            (.put, .account(.admin)), (.post, .account(.admin)), (.patch, .account(.admin)),
            (.delete, .account(.admin)),
        ]
        return Route(methods) { call throws(APIError) in
            try each(call) { service, number, fields throws(APIError) in
                switch call.method {
                case .put:
                    var fields = fields
                    fields["id"] = .string(number.text)
                    return try service.create(fields)
                case .post: return try service.replace(number, with: fields)
                case .patch: return try service.merge(fields, into: number)
                default: return try service.delete(number)
                }
            }
        }
    }

    func collectionActivation() -> Route {
        Route([(.put, .account(.admin))]) { call throws(APIError) in
            try each(call) { service, number, fields throws(APIError) in
                var patch = fields
                patch["state"] = "in_service"
                return try service.merge(patch, into: number)
            }
        }
    }

    /// The numbers that a call is about.
    static func numbers(in fields: JSONObject) throws(APIError) -> [String] {
        let numbers = fields["numbers"]?.array?.compactMap(\.string) ?? []
        guard !numbers.isEmpty, numbers.count <= limit else {
            let message = "Between 1 and \(limit) numbers are needed"
            throw .invalid("numbers", rule: numbers.isEmpty ? "required" : "maxItems", message)
        }
        return numbers
    }

    private func each(
        _ call: Call,
        _ body: (BoundService, DocumentID, JSONObject) throws(APIError) -> Published
    ) throws(APIError) -> Reply {
        var fields = try fields(call)
        let numbers = try Self.numbers(in: fields)
        fields["numbers"] = nil
        let service = try service(call)
        var successes = JSONObject()
        var errors = JSONObject()
        for text in numbers {
            let number = DocumentID(TelephoneNumber.normalised(text))
            do throws(APIError) {
                let document = try body(service, number, fields)
                successes[number.text] = try? JSON(parsing: document.body)
            } catch {
                // What is wrong with one number is the client's to see; a fault of ours ends the whole call.
                guard let details = error.ofNumber(number.text) else { throw error }
                errors[number.text] = details
            }
        }
        var reply = Reply(["success": .object(successes), "error": .object(errors)])
        reply.isCreated = call.method == .put
        return reply
    }

    private func service(_ call: Call) throws(APIError) -> BoundService {
        try kit.service(PhoneNumbersPlugin.self, for: call)
    }

    private func number(_ call: Call) -> DocumentID {
        DocumentID(TelephoneNumber.normalised(call.arguments.first ?? ""))
    }

    /// What the client may set; the state is not.
    private func fields(_ call: Call, _ id: DocumentID? = nil) throws(APIError) -> JSONObject {
        var fields = try call.fields()
        fields["state"] = nil
        fields["id"] = id.map { .string($0.text) }
        return fields
    }
}

extension APIError {
    /// Why one of several numbers failed; nil for what is not about a number.
    fileprivate func ofNumber(_ number: String) -> JSON? {
        switch self {
        case .badIdentifier: ["code": 404, "error": "not_found", "cause": .string(number), "message": "No such number"]
        case .forbidden: ["code": 403, "error": "forbidden", "cause": .string(number), "message": "Not allowed"]
        case .conflict: ["code": 409, "error": "number_exists", "cause": .string(number), "message": "Exists already"]
        case .validation(let details):
            ["code": 400, "error": "invalid", "cause": .string(number), "message": "Not valid", "data": details]
        default: nil
        }
    }
}
