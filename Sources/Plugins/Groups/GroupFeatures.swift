//  What a list says that a group has, without showing how it is set up.

import PluginKit

enum GroupFeatures {
    static func of(_ group: Document) -> JSON? {
        let smart = (group["smartpbx"]?.object ?? JSONObject()).filter { $0.value["enabled"]?.bool == true }.map(\.key)
        let hasMusic = !(group["music_on_hold"]?["media_id"]?.string ?? "").isEmpty
        return .array((smart + (hasMusic ? ["music_on_hold"] : [])).map { .string($0) })
    }
}
