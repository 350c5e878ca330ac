//  Registrations: the telephones that a registrar knows at the moment. A configuration server is none, and says so.

import PluginKit

struct RegistrationsPlugin: ViewPlugin {
    static let name = "registrations"
    static let summary: String? = "The telephones that are registered at the moment."
    static let notes: String? = "There are none: Jackfield configures telephone systems and is no registrar."
    static let source = ViewSource.nothing
}
