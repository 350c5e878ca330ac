//  Reloading at once or not: GET, POST, PUT /configuration/live_reload.
//
//  During bulk work an operator switches it off; when it is on again, all that has become stale meanwhile is reloaded
//  once.

import PluginKit

struct LiveReloadPlugin: Plugin {
    static let name = "configuration"
    static let summary: String? = "Whether changes make the daemons reload at once; off for bulk work."

    static func routes(kit: Kit) -> [PluginRoute] {
        let route = Route([(.get, .superduper), (.post, .superduper), (.put, .superduper)]) { call throws(APIError) in
            if call.method != .get { try kit.liveReload.set(wanted(call), for: call) }
            return Reply(["enabled": .bool(try kit.liveReload.isOn())])
        }
        return [PluginRoute("/configuration/live_reload", route)]
    }

    private static func wanted(_ call: Call) throws(APIError) -> Bool {
        guard let enabled = try call.fields()["enabled"] else {
            throw .invalid("enabled", rule: "required", "Field is required but missing")
        }
        guard let isOn = enabled.bool else {
            throw .invalid("enabled", rule: "type", "Value did not match type(s): boolean", ["target": "boolean"])
        }
        return isOn
    }
}
