//  What happens around an account's document: its place in the tree, its realm, its salt, its key.

import Identity
import PluginKit

struct AccountsService: CRUDService {
    /// How many accounts may be above one: what asks who is above walks through all of them.
    static let deepest = 32

    /// Creates an account below the one that the unit of work is in; in the system's scope, the master account.
    func create(_ fields: JSONObject, in work: Work) throws(APIError) -> Document {
        var (fields, id) = (fields, work.masterAccount)
        var ancestors: [String] = []
        if case .account(let parentID) = work.scope {
            let parent = try work.find(parentID)
            guard let above = AccountSecrets(parent.secrets)?.ancestors else {
                throw .internalFault("account \(parentID) is damaged")
            }
            id = .random()
            ancestors = above + [parentID.text]
            try Self.checkDepth(ancestors)
            // A parent that changes or goes meanwhile makes the commit begin again.
            try work.keep(parent)
            if fields["timezone"] == nil { fields["timezone"] = parent["timezone"] }
        }
        var account = work.accountDocument(id: id, fields)
        var secrets = AccountSecrets(ancestors: ancestors)
        secrets.apiKey = try work.makeAPIKey(for: id)
        account.secrets = secrets.object
        return try work.save(Change(old: nil, new: account))
    }

    /// A tombstone keeps the account's place in the tree, and nothing that lets anybody in.
    func delete(_ id: DocumentID, in work: Work) throws(APIError) -> Document {
        let account = try work.find(id)
        guard try work.reader.count(AccountsPlugin.self, within: id.text) == 0 else { throw .accountHasDescendants }
        work.keepEmpty(AccountsPlugin.list, within: id.text)
        try release(PhoneNumbersPlugin.self, in: work) { _ in true }
        try release(FaxboxesPlugin.self, in: work) { $0["custom_smtp_email_address"] != nil }
        try release(DevicesPlugin.self, DevicesPlugin.holders, in: work) { _ in true }
        let brand = try work.reader.document(DocumentID(WhitelabelPlugin.name), type: WhitelabelPlugin.documentType)
        if brand != nil, work.has(WhitelabelPlugin.self) {
            _ = try work.on(WhitelabelPlugin.self).delete(DocumentID(WhitelabelPlugin.name))
        }
        var bare = account
        bare.secrets = AccountSecrets(ancestors: AccountSecrets(account.secrets)?.ancestors ?? []).object
        return try work.save(Change(old: try work.amend(Change(old: account, new: bare)), new: nil))
    }

    /// How many documents that hold what is unique on the whole server go with an account.
    private static let releaseLimit = 5_000

    /// Deletes documents of an account that is deleted: others may have what they hold. Everything else of the account
    /// cannot be reached any more.
    private func release<Resource: ResourcePlugin>(
        _ resource: Resource.Type,
        _ view: ListView? = nil,
        in work: Work,
        where holds: (JSONObject) -> Bool
    ) throws(APIError) {
        guard work.has(resource) else { return }
        let rows = try work.reader.rows(resource, view, limit: Self.releaseLimit + 1).filter(holds)
        guard rows.count <= Self.releaseLimit else { throw .tooManyDependents(limit: Self.releaseLimit) }
        for id in rows.compactMap({ $0["id"]?.string }) { _ = try work.on(resource).delete(DocumentID(id)) }
    }

    /// Gives an account without a realm one that nobody has. Whether an account is switched on is decided above it.
    func prepare(_ change: inout Change, in work: Work) {
        guard var account = change.new else { return }
        if account["realm"] == nil {
            let invented = "\(DocumentID.random().text.prefix(6)).sip.localdomain"
            account.fields["realm"] = change.old?["realm"] ?? .string(invented)
        }
        if let old = change.old, let caller = work.caller, caller.account.id == old.id.text {
            account.fields["enabled"] = old["enabled"]
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

    /// Moves an account, with all that is below it, below another; their tokens end.
    ///
    /// - Parameter work: in the system's scope, because accounts of several lines change together.
    /// - Returns: the account.
    /// - Throws: `.forbidden` for the master account, and for a place inside of what is moved.
    func move(_ id: DocumentID, below parentID: DocumentID, in work: Work) throws(APIError) -> Document {
        let account = try work.account(id)
        let parent = try work.account(parentID)
        guard let former = AccountSecrets(account.secrets)?.ancestors, !former.isEmpty,
            let above = AccountSecrets(parent.secrets)?.ancestors,
            parentID != id, !above.contains(id.text)
        else { throw .forbidden }
        try work.keep(parent)
        let below = try work.reader.ids(AccountsPlugin.self, AccountsPlugin.descendants, within: id.text)
        // Nothing may come below the account meanwhile, and stay where it was.
        work.keepCount(of: AccountsPlugin.descendants, within: id.text, at: below.count)
        let line = above + [parentID.text]
        for descendant in below { try move(try work.account(descendant), from: former, to: line, in: work) }
        return try move(account, from: former, to: line, in: work)
    }

    /// Puts the line to the new place before what was below the former one.
    @discardableResult
    private func move(
        _ account: Document,
        from former: [String],
        to line: [String],
        in work: Work
    ) throws(APIError) -> Document {
        guard var secrets = AccountSecrets(account.secrets) else {
            throw .internalFault("account \(account.id) is damaged")
        }
        secrets.ancestors = line + secrets.ancestors.dropFirst(former.count)
        try Self.checkDepth(secrets.ancestors)
        secrets.epoch += 1
        var moved = account
        moved.secrets = secrets.object
        return try work.amend(Change(old: account, new: moved), telling: [Notice("account_moved")])
    }

    private static func checkDepth(_ ancestors: [String]) throws(APIError) {
        guard ancestors.count <= deepest else {
            let target: JSON = .number(JSONNumber(deepest))
            throw .invalid("tree", rule: "maxItems", "There are too many accounts above", ["target": target])
        }
    }
}
