//  Recordings: prompts by language and by name, and what their ids say.

import PluginKit
import TestServer
import Testing

@Suite("B10: recordings") struct MediaTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var media: String { "/v2/accounts/\(tenant.account)/media" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    private func make(_ name: String, _ language: String, prompt: String? = nil) throws -> Answer {
        var fields: JSONObject = ["name": .string(name), "media_source": "upload", "language": .string(language)]
        fields["prompt_id"] = prompt.map { .string($0) }
        return try server.put(media, .object(fields), tenant.adminToken)
    }

    private func ids(_ path: String) throws -> Set<String> {
        Set(try server.get("\(media)/\(path)", tenant.adminToken).data.array?.compactMap(\.string) ?? [])
    }

    @Test func aPromptHasTheIdOfItsLanguageAndName() throws {
        let made = try make("Enter", "EN-us", prompt: "vm-enter_pass")
        #expect(try made.id == "en-us/vm-enter_pass")
        #expect(made.data["language"] == "en-us")
        let item = "\(media)/en-us%2Fvm-enter_pass"
        #expect(made.fields[.location] == item)
        #expect(try server.get(item, tenant.adminToken).data["name"] == "Enter")
        let sound = try server.upload(
            "POST",
            "\(item)/raw",
            Array("RIFFxxxxWAVE".utf8),
            type: "audio/wav",
            tenant.adminToken
        )
        #expect(sound.status == 200)
        let again: JSON = ["name": "X", "media_source": "upload", "prompt_id": "vm-enter_pass"]
        #expect(try server.send("PUT", media, again, tenant.adminToken).status == 409)
        // What the id says stays.
        let changed: JSON = ["name": "Y", "media_source": "upload", "prompt_id": "other", "language": "fr-fr"]
        let posted = try server.send("POST", item, changed, tenant.adminToken).data
        #expect(posted["name"] == "Y" && posted["prompt_id"] == "vm-enter_pass" && posted["language"] == "en-us")
        #expect(try server.send("DELETE", item, token: tenant.adminToken).status == 200)
        #expect(try server.get(item, tenant.adminToken).status == 404)
        #expect(try server.send("PUT", media, again, tenant.adminToken).status == 201)
    }

    /// A prompt, a language, and the field that is refused.
    static let words: [(String, String, String)] = [
        ("../x", "en-us", "prompt_id"), ("..", "en-us", "prompt_id"), ("a b", "en-us", "prompt_id"),
        (String(repeating: "x", count: 65), "en-us", "prompt_id"), ("vm-hello", "en/us", "language"),
        ("vm-hello", "", "language"),
    ]

    @Test(arguments: words)
    func whatAnIdIsMadeOfIsAWord(prompt: String, language: String, field: String) throws {
        let sent: JSON = ["name": "X", "prompt_id": .string(prompt), "language": .string(language)]
        let refused = try server.send("PUT", media, sent, tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data[field]?["pattern"] != nil, "\(refused.json)")
    }

    @Test func recordingsAreCountedAndNamedByLanguageAndByPrompt() throws {
        let welcome = try make("Welcome", "en-us").id
        let english = try make("Enter", "en-us", prompt: "vm-enter_pass").id
        let french = try make("Entrer", "fr-FR", prompt: "vm-enter_pass").id
        let other = try make("Bye", "fr-fr", prompt: "vm-goodbye").id
        #expect(try server.get("\(media)/languages", tenant.adminToken).data == [["en-us": 2, "fr-fr": 2]])
        #expect(try server.get("\(media)/prompts", tenant.adminToken).data == [["vm-enter_pass": 2, "vm-goodbye": 1]])
        #expect(try ids("languages/en-us") == [welcome, english])
        #expect(try ids("languages/FR-fr") == [french, other])
        #expect(try ids("prompts/vm-enter_pass") == [english, french])
        #expect(try ids("prompts/nothing") == [])
        let page = try server.get("\(media)/languages/en-us?page_size=1", tenant.adminToken)
        #expect(page.data.array?.count == 1 && page.json["next_start_key"]?.string != nil)
        let path = "\(media)/\(english.replacing("/", with: "%2F"))"
        #expect(try server.send("DELETE", path, token: tenant.adminToken).status == 200)
        #expect(try server.get("\(media)/languages", tenant.adminToken).data == [["en-us": 1, "fr-fr": 2]])
        #expect(try ids("prompts/vm-enter_pass") == [french])
    }

    @Test func aListSaysWhatIsAPromptAndInWhichLanguage() throws {
        _ = try make("Welcome", "DE-de")
        let row = try server.get(media, tenant.adminToken).rows.first
        #expect(row?["language"] == "de-de" && row?["is_prompt"] == false)
        _ = try make("Enter", "en-us", prompt: "vm-enter_pass")
        let rows = try server.get(media, tenant.adminToken).rows
        #expect(rows.filter { $0["is_prompt"] == true }.map { $0["name"] } == ["Enter"])
    }
}
