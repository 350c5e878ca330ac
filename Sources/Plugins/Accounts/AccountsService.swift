//  What happens around an account's document: its place in the tree, its realm, its salt.

import PluginKit

struct AccountsService: CRUDService {
    /// Creates an account below the one that the unit of work is in; in the system's scope, the master account.
    func create(_ fields: JSONObject, in operation: PluginKit.Operation) throws(APIError) -> StoredDocument {
        var id = operation.kit.installation.masterAccount
        var ancestors: [String] = []
        if case .account(let parentID) = operation.work.scope {
            guard let parent = try operation.kit.directory.account(parentID.text) else {
                throw .badIdentifier(parentID.text)
            }
            id = .random()
            ancestors = parent.ancestors + [parent.id]
            operation.work.requireExistence(of: parentID, in: operation.work.scope)
        }
        var account = Document(id: id, scope: .account(id), type: operation.resource.documentType, fields: fields)
        account.secrets = AccountSecrets(ancestors: ancestors).object
        return try save(Change(old: nil, new: account), in: operation)
    }

    /// Drops what only the server knows, and gives an account without a realm one that nobody has.
    func prepare(_ change: inout Change, in operation: PluginKit.Operation) throws(APIError) {
        guard var account = change.new else { return }
        for name in AccountsItemResource.serverFields { account.fields[name] = nil }
        if account["realm"] == nil {
            let invented = "\(DocumentID.random().text.prefix(6)).sip.localdomain"
            account.fields["realm"] = change.old?["realm"] ?? .string(invented)
        }
        if operation.work.caller?.account.id == account.id.text {
            // Only an account above may switch an account on or off.
            account.fields["enabled"] = change.old?["enabled"]
        }
        change.new = account
    }

    /// An account that is switched off or on ends the tokens of its users.
    func complete(_ change: inout Change, in operation: PluginKit.Operation) {
        guard change.old != nil, change.changes("enabled"), let account = change.new,
            var secrets = AccountSecrets(account.secrets)
        else { return }
        secrets.epoch += 1
        change.new?.secrets = secrets.object
    }
}
