//  Call detail records: what became of each leg of each call, and which legs made one conversation.
//
//  A switch brings them by PUT, one or many at a time; they are never changed, and go by whole months. A client reads
//  them by time, at most 31 days at once. An administrator sees all of an account, a user his own.
//
//  What Crossbar's summary counts cannot be told across months; ours counts what lies in the times that are asked for.

import PluginKit

struct CDRsPlugin: Plugin {
    static let name = "cdrs"

    static func routes(kit: Kit) -> [PluginRoute] {
        let resource = CDRsResource(kit)
        let account = "/accounts/{account}/cdrs"
        let user = "/accounts/{account}/users/{user}/cdrs"
        return [
            PluginRoute("\(account)", resource.collection()),
            PluginRoute("\(account)/interaction", resource.list(.interactions, .account(.admin))),
            PluginRoute("\(account)/summary", resource.summary()),
            PluginRoute("\(account)/legs/{record}", resource.legs()),
            PluginRoute("\(account)/{record}", resource.item(.account(.admin))),
            PluginRoute("\(user)", resource.list(.legs, .accountAdminOrSelf)),
            PluginRoute("\(user)/interaction", resource.list(.interactions, .accountAdminOrSelf)),
            PluginRoute("\(user)/{record}", resource.item(.accountAdminOrSelf)),
        ]
    }

    static func problems(kit: Kit) -> [String] {
        kit.schemas[name] == nil ? ["\(name): there is no \(name).schema.json in its folder"] : []
    }
}
