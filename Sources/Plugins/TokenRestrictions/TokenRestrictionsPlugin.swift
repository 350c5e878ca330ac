//  What the tokens of an account may be used for: the rules. The gateway keeps them.

import PluginKit

struct TokenRestrictionsPlugin: Plugin {
    static let name = "token_restrictions"

    static func routes(kit: Kit) -> [PluginRoute] {
        let route = Route([
            (.get, .account(.user)), (.post, .account(.admin)), (.delete, .account(.admin)),
        ]) { call throws(APIError) in
            switch call.method {
            case .post: return try replace(call, kit)
            case .delete:
                let former = try stored(call, kit)
                try kit.changeAccount(call, telling: "token_restrictions_deleted") { $0.restrictions = nil }
                return Reply(["restrictions": former])
            default: return Reply(["restrictions": try stored(call, kit)])
            }
        }
        return [PluginRoute("/accounts/{account}/token_restrictions", route, .document(schema: name))]
    }

    static func problems(kit: Kit) -> [String] {
        kit.schemas[name] == nil ? ["\(name): there is no \(name).schema.json in its folder"] : []
    }

    private static func stored(_ call: Call, _ kit: Kit) throws(APIError) -> JSON {
        guard let account = call.account else { throw .notFound }
        let secrets = try kit.directory.document(account.id, account: account.id)
            .flatMap { AccountSecrets($0.secrets) }
        guard let restrictions = secrets?.restrictions else { throw .badIdentifier(name) }
        return restrictions
    }

    private static func replace(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        guard let schema = kit.schemas[name] else { throw .internalFault("no schema \(name)") }
        let result = schema.validate(.object(try call.fields()))
        guard result.violations.isEmpty, let restrictions = result.value["restrictions"] else {
            throw .validation(result.violations.json)
        }
        try kit.changeAccount(call, telling: "token_restrictions_edited") { $0.restrictions = restrictions }
        return Reply(["restrictions": restrictions])
    }
}
