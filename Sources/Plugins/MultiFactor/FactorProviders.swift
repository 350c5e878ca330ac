//  The configurations of second factor providers that an account's security settings may name.

import PluginKit

struct FactorProviders: Sendable {
    /// How many an account may have: all of them are part of its document.
    private static let limit = 50

    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    /// The lists in Crossbar's form: what is configured, and what there is to configure.
    static func list(_ providers: JSONObject) -> JSON {
        let names = ["enabled", "name", "provider_name"]
        let configured = providers.map { id, provider in
            JSON.object(
                JSONObject([("id", .string(id))] + names.compactMap { name in provider[name].map { (name, $0) } })
            )
        }
        return [
            "configured": .array(configured),
            "multi_factor_providers": [
                [
                    "id": .string(SecondFactorStep.provider), "enabled": true, "name": "Time-based one-time codes",
                    "provider_name": .string(SecondFactorStep.provider), "provider_type": "multi_factor",
                ]
            ],
        ]
    }

    func list(_ call: Call) throws(APIError) -> Reply { Reply(Self.list(try stored(call))) }

    func create(_ call: Call) throws(APIError) -> Reply {
        let provider = try validated(.object(call.fields()))
        let id = DocumentID.random().text
        try kit.changeAccount(call, telling: "multi_factor_provider_created") { secrets throws(APIError) in
            guard secrets.providers.count < Self.limit else {
                let target: JSON = .number(JSONNumber(Self.limit))
                throw .invalid("name", rule: "maxItems", "There are too many providers", ["target": target])
            }
            secrets.providers[id] = provider
        }
        var reply = Self.reply(id, provider)
        reply.isCreated = true
        reply.location = "\(call.path)/\(id)"
        return reply
    }

    func item(_ call: Call) throws(APIError) -> Reply {
        guard let id = call.arguments.first else { throw .notFound }
        guard let former = try stored(call)[id] else { throw .badIdentifier(id) }
        switch call.method {
        case .post: return try change(id, to: validated(.object(call.fields())), call)
        case .patch: return try change(id, to: validated(former.merging(.object(call.fields()))), call)
        case .delete: return try change(id, to: nil, call, shown: former)
        default: return Self.reply(id, former)
        }
    }

    private func change(
        _ id: String,
        to provider: JSON?,
        _ call: Call,
        shown: JSON? = nil
    ) throws(APIError) -> Reply {
        let notice = "multi_factor_provider_" + (provider == nil ? "deleted" : "edited")
        try kit.changeAccount(call, telling: notice) { secrets throws(APIError) in
            guard secrets.providers[id] != nil else { throw .badIdentifier(id) }
            secrets.providers[id] = provider
        }
        return Self.reply(id, provider ?? shown ?? [:])
    }

    private func stored(_ call: Call) throws(APIError) -> JSONObject {
        guard let account = call.account else { throw .notFound }
        let document = try kit.directory.document(account.id, account: account.id)
        return document.flatMap { AccountSecrets($0.secrets) }?.providers ?? [:]
    }

    private func validated(_ provider: JSON) throws(APIError) -> JSON {
        guard let schema = kit.schemas[MultiFactorPlugin.schema] else {
            throw .internalFault("no schema \(MultiFactorPlugin.schema)")
        }
        let result = schema.validate(provider)
        guard result.violations.isEmpty else { throw .validation(result.violations.json) }
        return result.value
    }

    private static func reply(_ id: String, _ provider: JSON) -> Reply {
        var provider = provider
        provider["id"] = .string(id)
        return Reply(provider)
    }
}
