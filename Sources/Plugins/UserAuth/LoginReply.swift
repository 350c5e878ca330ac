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
        data["reseller_id"] = .string(node.ancestors.first ?? node.id)
        data["is_reseller"] = .bool(node.isMaster)
        data["is_master_account"] = .bool(node.isMaster)
        data["capabilities"] = ["voicemail": ["transcription": ["available": false, "default": false]]]
        data["ui_config"] = [:]
        return Reply(JSON.object(data))
    }
}
