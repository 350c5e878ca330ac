//  What happens around an account's document: its place in the tree, its realm, its salt.

import PluginKit

struct AccountsService: CRUDService {
    /// Creates an account below the one that the unit of work is in; in the system's scope, the master account.
    func create(_ fields: JSONObject, in work: Work) throws(APIError) -> Document {
        var id = work.kit.installation.masterAccount
        var ancestors: [String] = []
        if case .account(let parentID) = work.scope {
            let parent = try work.find(parentID)
            guard let above = AccountSecrets(parent.secrets)?.ancestors else {
                throw .internalFault("account \(parentID) is damaged")
            }
            id = .random()
            ancestors = above + [parentID.text]
            // A parent that changes or goes meanwhile makes the commit begin again.
            try work.keep(parent)
        }
        var account = work.accountDocument(id: id, fields)
        account.secrets = AccountSecrets(ancestors: ancestors).object
        return try work.save(Change(old: nil, new: account))
    }

    func delete(_ id: DocumentID, in work: Work) throws(APIError) -> Document {
        let account = try work.find(id)
        guard try work.reader.count(AccountsPlugin.self, within: id.text) == 0 else { throw .accountHasDescendants }
        work.keepEmpty(AccountsPlugin.list, within: id.text)
        return try work.save(Change(old: account, new: nil))
    }

    /// Gives an account without a realm one that nobody has.
    func prepare(_ change: inout Change, in work: Work) {
        guard var account = change.new else { return }
        if account["realm"] == nil {
            let invented = "\(DocumentID.random().text.prefix(6)).sip.localdomain"
            account.fields["realm"] = change.old?["realm"] ?? .string(invented)
        }
        change.new = account
    }

    /// An account that is switched off or on ends the tokens of its users.
    func complete(_ change: inout Change, in work: Work) {
        guard change.old != nil, change.changes("enabled"), let account = change.new,
            var secrets = AccountSecrets(account.secrets)
        else { return }
        secrets.epoch += 1
        change.new?.secrets = secrets.object
    }
}
