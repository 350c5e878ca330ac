//  Limits: how many calls an account may have at once, and of which kind.
//
//  An account's reseller sets them, and the master account's administrators do; its own administrators only if it is a
//  direct customer of the master account. Nothing is charged here, so calls on credit are for nobody.

import PluginKit

struct LimitsPlugin: SingletonPlugin {
    static let name = "limits"
    static let notes: String? = "Set by the account's reseller; by the account itself, if that is the master account."
    static let service: any CRUDService = LimitsService()
    static let computed = [
        ComputedField("allow_postpay") { _, _ in false },
        ComputedField("max_postpay_amount") { _, _ in 0 },
    ]
    static let examples: [JSON] = [
        ["twoway_trunks": 5],
        ["inbound_trunks": 10, "outbound_trunks": 2, "burst_trunks": 1, "calls": 20, "allow_prepay": false],
    ]
}

struct LimitsService: CRUDService {
    /// - Throws: `.refused` to who is neither the reseller nor a direct customer of the master account.
    func prepare(_ change: inout Change, in work: Work) throws(APIError) {
        guard let caller = work.caller, !caller.isSuperduper,
            let account = try work.reader.account(DocumentID(work.scope.text)),
            let reseller = try AccountsPlugin.reseller(of: account, work.reader),
            reseller != work.masterAccount.text, reseller != caller.account.id
        else { return }
        throw .refused("Please contact your phone provider to add limits.")
    }
}
