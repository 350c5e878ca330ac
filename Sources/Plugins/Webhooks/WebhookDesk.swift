//  What the relay asks and tells about webhooks.

import PluginKit

/// The webhooks of all accounts. The relay learns nothing of any other document.
package struct WebhookDesk: Sendable {
    private let kit: Kit

    package init(_ kit: Kit) { self.kit = kit }

    /// Returns those that are on, of accounts that are, in the form that the relay reads.
    ///
    /// - Parameter now: Unix seconds.
    package func hooks(now: Int64) throws(APIError) -> [JSON] {
        guard kit.has(WebhooksPlugin.self) else { return [] }
        let call = call(at: now)
        let service = try kit.systemService(WebhooksPlugin.self, for: call)
        var hooks: [JSON] = []
        var states: [String: Bool] = [:]
        for row in try WebhookRows.all(service, call, WebhooksPlugin.active) {
            guard var hook = row.object, let id = hook["id"]?.string, let account = hook["account_id"]?.string,
                try isOn(account, &states)
            else { continue }
            let settled = try WebhookAttempts.settled(id, account: account, now: now, kit)
            hook["settled"] = .number(JSONNumber(settled))
            hooks.append(.object(hook))
        }
        return hooks
    }

    /// Whether an account is enabled, and all above it.
    ///
    /// - Parameter known: of those that were asked for before.
    private func isOn(_ account: String, _ known: inout [String: Bool]) throws(APIError) -> Bool {
        if let isOn = known[account] { return isOn }
        var isOn = false
        if let node = try kit.directory.account(account) {
            isOn = node.isEnabled
            if isOn, let above = node.ancestors.last { isOn = try self.isOn(above, &known) }
        }
        known[account] = isOn
        return isOn
    }

    /// Stores attempts, and switches off the hooks that have failed too often.
    package func record(_ attempts: [JSON], now: Int64) throws(APIError) {
        do {
            try kit.records.append(attempts.flatMap(WebhookAttempts.records))
        } catch {
            throw .internalFault("attempts cannot be stored: \(error)")
        }
        for attempt in attempts {
            guard let reason = attempt["disabling"]?.string, let hook = attempt["hook_id"]?.string,
                let account = attempt["account_id"]?.string
            else { continue }
            do {
                let service = try kit.service(WebhooksPlugin.self, for: call(at: now), in: account)
                _ = try service.merge([WebhooksService.disableReason: .string(reason)], into: DocumentID(hook))
            } catch .badIdentifier {
                // It was deleted meanwhile.
            }
        }
    }

    /// The server itself.
    private func call(at time: Int64) -> Call {
        Call(nouns: [], path: "", method: .patch, requestID: "relay", time: time, isSecure: true)
    }
}
