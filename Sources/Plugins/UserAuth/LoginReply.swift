//  What a client is told of whom it speaks for, after a login and on request.

import Identity
import PluginKit

enum LoginReply {
    static func reply(_ principal: Principal, _ kit: Kit) throws(APIError) -> Reply {
        guard let node = try kit.directory.account(principal.accountID),
            let account = try kit.directory.document(principal.accountID, account: principal.accountID)
        else { throw .invalidCredentials }
        var data: JSONObject = ["account_id": .string(node.id)]
        data["account_name"] = account["name"]
        let user = try principal.userID.flatMap { id throws(APIError) in
            try kit.directory.document(id, account: node.id)
        }
        data["owner_id"] = principal.userID.map { .string($0) }
        let language = user?["language"]?.string ?? account["language"]?.string ?? "en-us"
        data["language"] = .string(language)
        data["apps"] = .array(try applications(for: user, of: node, in: language, kit))
        data["cluster_id"] = .string(kit.installation.id)
        data["reseller_id"] = .string(try kit.directory.reseller(of: node))
        data["is_reseller"] = .bool(node.isReseller)
        data["is_master_account"] = .bool(node.isMaster)
        data["capabilities"] = ["voicemail": ["transcription": ["available": false, "default": false]]]
        data["ui_config"] = [:]
        if let impersonator = principal.impersonator {
            data["original_account_id"] = .string(impersonator.accountID)
            data["original_owner_id"] = .string(impersonator.userID)
        }
        return Reply(JSON.object(data))
    }

    /// What a user may open; nothing for an account that logged in by itself.
    private static func applications(
        for user: Document?,
        of account: AccountNode,
        in language: String,
        _ kit: Kit
    ) throws(APIError) -> [JSON] {
        guard let user, kit.has(AppsStorePlugin.self) else { return [] }
        return try AppsState(of: account, kit).applications(for: user, in: language)
    }
}

extension Reply {
    /// Adds a member to a value.
    mutating func add(_ name: String, _ member: JSON) throws(APIError) {
        guard case .value(let bytes) = content, var data = (try? JSON(parsing: bytes))?.object else {
            throw .internalFault("an answer that is no object")
        }
        data[name] = member
        content = .value(JSON.object(data).bytes())
    }
}
