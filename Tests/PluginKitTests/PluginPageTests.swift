//  The pages of the plugins for people.

import Plugins
import TestServer
import Testing

@testable import PluginKit
@testable import Plugins

@Suite struct PluginPageTests {
    let server: TestServer

    init() throws { server = try TestServer() }

    private func page(_ plugin: any Plugin.Type) -> String { PluginPage(plugin, server.kit).markdown }

    @Test func everyPluginSaysWhatItIsAndWhatItAnswers() {
        for plugin in DiscoveredPlugins.all {
            let summary = PluginPage(plugin, server.kit).summary ?? ""
            #expect(summary.hasSuffix("."), "\(plugin.name)")
            let page = page(plugin)
            #expect(page.hasPrefix("# \(plugin.name)\n\n\(summary)\n"))
            for route in plugin.routes(kit: server.kit) {
                for (method, _) in route.route.methods {
                    #expect(
                        page.contains("| `\(method.rawValue)` | `/v2\(route.template)` | For")
                            || page.contains("| `\(method.rawValue)` | `/v2\(route.template)` | Open")
                    )
                }
            }
        }
    }

    @Test func everyFieldOfAResourceIsOnItsPage() {
        for subject in Subject.all {
            guard let plugin = DiscoveredPlugins.all.first(where: { $0.name == subject.definition.name }) else {
                continue
            }
            let page = page(plugin)
            for (field, _) in subject.definition.properties { #expect(page.contains("| `\(field)`"), "\(field)") }
            for example in subject.examples { #expect(page.contains(example.text(.pretty))) }
        }
    }

    /// A plugin, and what its page says.
    static let table: [(any Plugin.Type, String)] = [
        (UsersPlugin.self, "- `username` in the account: “Username must be unique within account”"),
        (VoicemailsPlugin.self, "- `number` in the account, for each `context_id`: “Voicemail number already in use"),
        (VoicemailsPlugin.self, "`context_id` names a context, which must exist. That cannot be deleted as long as it"),
        (ContextsPlugin.self, "`context_id` of `voicemails` names a context. That cannot be deleted as long as it is"),
        (
            ListsPlugin.self,
            "`list_id` of `lists_entries` names a list. When that is deleted, the document is deleted too."
        ),
        (ListsPlugin.self, "| `name` (required) | string | at least 1 characters; at most 128 characters | Name |"),
        (ListsPlugin.self, "- `list_created`\n- `list_edited`\n- `list_deleted`"),
        (UsersLinesPlugin.self, "- `user_line_associated`\n- `user_line_dissociated`"),
        (UsersPhotoPlugin.self, "- `user_edited`"),
        (CommentsPlugin.self, "- `account_edited`\n- `user_edited`\n- `device_edited`"),
        (MenusPlugin.self, "at least 1; at most 10; 3 if left out"),
        (ChannelsPlugin.self, "There are none: Jackfield configures telephone systems"),
    ]

    @Test(arguments: table)
    func aPageSaysWhatFollowsFromTheDeclaration(plugin: any Plugin.Type, sentence: String) {
        #expect(page(plugin).contains(sentence), "\(page(plugin))")
    }
}
