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
        var language = account["language"]
        if let userID = principal.userID {
            data["owner_id"] = .string(userID)
            language = try kit.directory.document(userID, account: node.id)?["language"] ?? language
        }
        data["language"] = language ?? "en-us"
        data["apps"] = []
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
