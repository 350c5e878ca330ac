//  Plugins that an operator switches off, and plugins that do not fit together.

import Plugins
import TestServer
import Testing

@testable import PluginKit

/// A resource whose secrets are none.
private struct SafesPlugin: ResourcePlugin {
    static let name = "safes"
    static let schemaName = "menus"
    static let access = ResourceAccess(read: .anyone)
    static let list = ListView(row: ["name"])
    static let uniqueFields = [UniqueField("name", message: "There is a safe of this name already")]
    static let secretFields: [FieldPath] = ["record_pin", "combination", "name"]
    static let examples: [JSON] = [["name": "Office"]]
}

@Suite struct PluginSelectionTests {
    private static let links = ["users_lines", "lines_extensions", "groups_users"]

    private func selection(without names: [String]) throws -> [any Plugin.Type] {
        try PluginSelection(DiscoveredPlugins.all, without: names).plugins
    }

    @Test func whatIsOffHasNoRoutes() throws {
        let (server, tenant) = try TestServer.withTenant(plugins: selection(without: ["menus", "users_schedules"]))
        let examples = Examples(server, tenant)
        #expect(try server.get("/v2/accounts/\(tenant.account)/menus", tenant.adminToken).status == 404)
        #expect(try server.get("/v2/accounts/\(tenant.account)/groups", tenant.adminToken).status == 200)
        let (user, schedule) = (try examples.make("user"), try examples.make("schedule"))
        let path = "/v2/accounts/\(tenant.account)/users/\(user)/schedules/\(schedule)"
        #expect(try server.send("PUT", path, token: tenant.adminToken).status == 404)
    }

    @Test func namesThatNoPluginHasAreAllNamed() {
        #expect(
            throws: RegistryError(problems: [
                "penus: there is no plugin with this name", "yeti: there is no plugin with this name",
            ])
        ) {
            try PluginSelection(DiscoveredPlugins.all, without: ["yeti", "menus", "penus"])
        }
    }

    @Test func whatStillNeedsAPluginThatIsOffIsNamed() throws {
        let plugins = try selection(without: ["lines", "contexts"])
        #expect(
            throws: RegistryError(problems: [
                "extensions: context_id names a context, which no plugin has",
                "lines_extensions: it links to lines, which is not on",
                "users_lines: it links to lines, which is not on",
                "voicemails: context_id names a context, which no plugin has",
            ])
        ) {
            _ = try TestServer(plugins: plugins)
        }
    }

    @Test func aRuleNeedsTheLinksThatItLooksAt() throws {
        let plugins = try selection(without: ["users_lines"])
        #expect(
            throws: RegistryError(problems: [
                "groups_users: its rules look at users_lines, which is not on",
                "lines_extensions: its rules look at users_lines, which is not on",
            ])
        ) {
            _ = try TestServer(plugins: plugins)
        }
    }

    @Test func whatCannotBeSecretIsNamed() {
        #expect(
            throws: RegistryError(problems: [
                "safes: combination is secret, and the schema has no such field",
                "safes: it has secret fields, and is for anyone", "safes: name cannot be secret and unique",
            ])
        ) {
            _ = try TestServer(plugins: DiscoveredPlugins.all + [SafesPlugin.self])
        }
    }

    @Test func linksOfAPluginThatIsOffNeedNothing() throws {
        let plugins = try selection(without: ["lines"] + Self.links)
        #expect(throws: Never.self) { _ = try TestServer(plugins: plugins) }
    }
}
