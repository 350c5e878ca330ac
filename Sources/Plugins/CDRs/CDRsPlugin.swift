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
            PluginRoute("\(account)", resource.collection(), .collection(schema: name)),
            PluginRoute("\(account)/interaction", resource.list(.interactions, .account(.admin)), .rows),
            PluginRoute("\(account)/summary", resource.summary()),
            PluginRoute("\(account)/legs/{record}", resource.legs(), .rows),
            PluginRoute("\(account)/{record}", resource.item(.account(.admin)), .document(schema: name)),
            PluginRoute("\(user)", resource.list(.legs, .accountAdminOrSelf), .rows),
            PluginRoute("\(user)/interaction", resource.list(.interactions, .accountAdminOrSelf), .rows),
            PluginRoute("\(user)/{record}", resource.item(.accountAdminOrSelf), .document(schema: name)),
        ]
    }

    static func problems(kit: Kit) -> [String] {
        kit.schemas[name] == nil ? ["\(name): there is no \(name).schema.json in its folder"] : []
    }
}
