//  The description of this server for programs: GET /openapi.json.

import PluginKit
import Synchronization

struct OpenAPIPlugin: Plugin {
    static let name = "openapi.json"
    static let summary: String? = "The description of this server for programs."

    static func routes(kit: Kit) -> [PluginRoute] {
        let description = Description(kit)
        // No page is made of it: it is long, and anybody may ask.
        let route = Route([(.get, .anyone)], answersFiles: [.get]) { _ in
            var reply = Reply(.value(description.bytes))
            reply.isBare = true
            return reply
        }
        return [PluginRoute("/\(name)", route)]
    }

    /// Made when it is first asked for, because it tells of all plugins.
    private final class Description: Sendable {
        private let kit: Kit
        /// Held while the description is made, once.
        private let made = Mutex<[UInt8]?>(nil)

        init(_ kit: Kit) { self.kit = kit }

        var bytes: [UInt8] {
            made.withLock { made in
                let bytes = made ?? OpenAPIDescription(kit).json.bytes()
                made = bytes
                return bytes
            }
        }
    }
}
