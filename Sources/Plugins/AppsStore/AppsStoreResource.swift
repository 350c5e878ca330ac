//  HTTP in and out of the applications, as one account sees them.

import PluginKit

struct AppsStoreResource: Sendable {
    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    /// GET lists what the account may see; PUT puts an application in for everybody.
    func collection() -> Route {
        Route([(.get, .account(.user)), (.put, .superduper)]) { call throws(APIError) in
            guard call.method == .get else { return try put(call) }
            let state = try AppsState(of: call.account, kit)
            var request = try ListRequest(call)
            request.pageSize = nil
            var rows: [[UInt8]] = []
            try apps(call).list(request).content.forEachRow { row in
                guard let app = row.object, let id = app["id"]?.string, state.shows(app, id) else { return }
                rows.append(JSON.object(state.merged(app, id)).bytes())
            }
            var reply = Reply(.rows(rows))
            reply.paging = Paging(count: rows.count)
            return reply
        }
    }

    /// PUT installs, POST changes who may use it, DELETE takes the installation back.
    func item() -> Route {
        let methods: [(method: HTTPRequest.Method, access: Access)] = [
            (.get, .account(.user)), (.put, .account(.admin)), (.post, .account(.admin)), (.delete, .account(.admin)),
        ]
        return Route(methods) { call throws(APIError) in
            let id = Self.id(call).text
            guard let app = (try? JSON(parsing: apps(call).read(DocumentID(id)).body))?.object else {
                throw .badIdentifier(id)
            }
            var state = try AppsState(of: call.account, kit)
            guard state.shows(app, id) else { throw .badIdentifier(id) }
            switch call.method {
            case .get: return Reply(.object(state.merged(app, id)))
            case .put:
                guard !state.isInstalled(id) else { throw refused("Application already installed") }
                try state.install(id, Self.permissions(call), for: call)
            case .post:
                guard state.isInstalled(id) else { throw refused("Application is not installed") }
                try state.install(id, Self.permissions(call), for: call)
            default:
                guard state.isInstalled(id) else { throw refused("Application is not installed") }
                try state.install(id, nil, for: call)
            }
            var reply = Reply(.object(state.merged(app, id)))
            reply.isCreated = call.method == .put
            return reply
        }
    }

    /// The ids of applications that the account may not see.
    func blacklist() -> Route {
        Route([(.get, .account(.admin)), (.post, .account(.admin))]) { call throws(APIError) in
            var state = try AppsState(of: call.account, kit)
            if call.method == .post {
                // Nobody lifts what an account above forbade to him.
                guard call.account?.id != call.caller?.account.id || call.caller?.isSuperduper == true else {
                    throw .forbidden
                }
                try state.forbid(call.fields()["blacklist"]?.array?.compactMap(\.string) ?? [], for: call)
            }
            return Reply(["blacklist": .array(state.forbidden.map { .string($0) })])
        }
    }

    static let mediaTypes = ["image/*"]

    /// A picture of an application: for everybody to see, and for the master account's administrators to change.
    ///
    /// - Parameter word: under which the application has it.
    func picture(_ word: @escaping @Sendable (Call) throws(APIError) -> String) -> Route {
        let terms = FileTerms(Self.mediaTypes) { call throws(APIError) in
            try apps(call).fileAllowance(for: Self.id(call), atMost: 5_000_000)
        }
        let access = AttachmentAccess(read: .anyone, write: .superduper).methods
        return Route(access, files: terms, answersFiles: [.get]) { call throws(APIError) in
            let (service, id, word) = (try apps(call), Self.id(call), try word(call))
            switch call.method {
            case .get: return try service.file(word, of: id)
            case .delete:
                _ = try service.attach(nil, as: word, to: id)
                return Reply([:])
            default:
                var reply = Reply.document(try service.attach(call.file(), as: word, to: id))
                reply.isCreated = call.method == .put
                return reply
            }
        }
    }

    /// The word of the screenshot that the path counts from 0.
    static func screenshot(_ call: Call) throws(APIError) -> String {
        let number = call.argument("number") ?? ""
        guard let place = Int(number), (0..<32).contains(place) else { throw .badIdentifier(number) }
        return "screenshot_\(place)"
    }

    private static func id(_ call: Call) -> DocumentID { DocumentID(call.argument("app") ?? "") }

    private func put(_ call: Call) throws(APIError) -> Reply {
        let fields = try call.fields()
        let service = try apps(call)
        let name = fields["name"]?.string ?? ""
        let known = try kit.holder(of: name, AppsStorePlugin.byName, AppsStorePlugin.self)
        let app = if let known { try service.replace(known.id, with: fields) } else { try service.create(fields) }
        return .created(app, at: "\(call.path)/\(app.id)")
    }

    /// The applications' documents, whichever account asks.
    private func apps(_ call: Call) throws(APIError) -> BoundService {
        try kit.service(AppsStorePlugin.self, for: call, in: kit.installation.masterAccount.text)
    }

    private func refused(_ message: String) -> APIError { .invalid("application", rule: "invalid", message) }

    private static func permissions(_ call: Call) throws(APIError) -> JSONObject {
        let fields = try call.fields()
        let allowed = fields["allowed_users"]?.string ?? "all"
        let choices = ["all", "admins", "specific"]
        guard choices.contains(allowed) else {
            throw .invalid(
                "allowed_users",
                rule: "enum",
                "Value not found in enumerated list of values",
                ["target": .array(choices.map { .string($0) })]
            )
        }
        return ["allowed_users": .string(allowed), "users": fields["users"] ?? []]
    }
}
