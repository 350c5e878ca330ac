//  Registrations: the telephones that a registrar knows at the moment. A configuration server is none, and says so.

import PluginKit

struct RegistrationsPlugin: ViewPlugin {
    static let name = "registrations"
    static let source = ViewSource.nothing
}
