//  A person with a browser that runs no script: forms, their mistakes, their conflicts.

import HTTPMessage
import PluginKit
import TestServer
import Testing

@Suite struct FormTests {
    private let server: TestServer
    private let users: String
    private let token: String

    init() throws {
        server = try TestServer()
        token = server.master.adminToken
        users = "/v2/accounts/\(server.master.account)/users"
    }

    private func post(_ target: String, _ form: String) throws -> Answer {
        try server.post(target, form: form, token)
    }

    private func page(_ target: String) throws -> Answer {
        try server.page(target, token)
    }

    @Test func aFormCreatesAndTheBrowserGoesOn() throws {
        let form = try page("\(users)?form=new")
        #expect(form.status == 200)
        #expect(
            form.text.contains(
                "name=\"data.first_name\" type=\"text\" value=\"\" required minlength=\"1\" maxlength=\"128\""
            )
        )
        let answer = try post(
            users,
            "verb=put&data.first_name=Ada&data.last_name=Byron&data.email=&otherwise.enabled=false"
        )
        #expect(answer.status == 303)
        let next = try #require(answer.fields[.location])
        #expect(next.hasPrefix("\(users)/") && next.hasSuffix("?said=created"))
        let user = try server.get(String(next.prefix { $0 != "?" }), token).data
        #expect(user["first_name"] == "Ada" && user["enabled"] == false && user["email"] == nil)
    }

    @Test func aTickedBoxCountsMoreThanWhatItIsOtherwise() throws {
        let answer = try post(
            users,
            "verb=put&data.first_name=A&data.last_name=B&otherwise.enabled=false&data.enabled=true"
        )
        let next = try #require(answer.fields[.location])
        #expect(try server.get(String(next.prefix { $0 != "?" }), token).data["enabled"] == true)
    }

    @Test func aMistakeComesBackWithEveryValueAndItsMessage() throws {
        let answer = try post(
            users,
            "verb=put&data.first_name=Ada&data.username=ada&data.timezone=Europe/Oslo&data.email=x"
        )
        #expect(answer.status == 400)
        #expect(answer.text.contains("value=\"Ada\"") && answer.text.contains("value=\"Europe/Oslo\""))
        #expect(answer.text.contains("<a href=\"#data.last_name\">Last name</a>: Field is required but missing"))
        #expect(answer.text.contains("aria-describedby=\"message.email help.email\""))
        #expect(try server.get("\(users)?filter_first_name=Ada", token).rows.isEmpty)
    }

    @Test func aStaleFormShowsBothVersionsAndChangesNothing() throws {
        let id = try server.put(users, ["first_name": "Ada", "last_name": "Byron"], token).id
        let old = try #require(try server.get("\(users)/\(id)", token).revision)
        _ = try server.send("PATCH", "\(users)/\(id)", ["last_name": "King"], token)
        let current = try #require(try server.get("\(users)/\(id)", token).revision)
        let answer = try post("\(users)/\(id)", "if_match=\(old)&data.first_name=Ada&data.last_name=Lovelace")
        #expect(answer.status == 412)
        #expect(answer.text.contains("<th scope=\"row\">Last name</th><td>King</td><td>Lovelace</td>"))
        #expect(answer.text.contains("name=\"if_match\" value=\"\(current)\""))
        #expect(try server.get("\(users)/\(id)", token).data["last_name"] == "King")
        let second = try post("\(users)/\(id)", "if_match=\(current)&data.first_name=Ada&data.last_name=Lovelace")
        #expect(second.status == 303)
    }

    @Test func aRowMoreCostsOneRoundTripAndChangesNothing() throws {
        let contexts = "/v2/accounts/\(server.master.account)/contexts"
        let answer = try post(contexts, "verb=put&form=add:user_ranges&data.name=inside")
        #expect(answer.status == 200)
        #expect(answer.text.contains("id=\"data.user_ranges.0\"") && answer.text.contains("value=\"inside\""))
        let removed = try post(
            contexts,
            "verb=put&form=remove:user_ranges.0&data.user_ranges.0.start=1&data.user_ranges.1.start=2"
        )
        #expect(
            removed.text.contains("id=\"data.user_ranges.0\"") && !removed.text.contains("id=\"data.user_ranges.1\"")
        )
        let moved = try post(
            contexts,
            "verb=put&form=up:user_ranges.1&data.user_ranges.0.start=1&data.user_ranges.1.start=2"
        ).text
        #expect(moved.contains("name=\"data.user_ranges.0.start\" type=\"text\" value=\"2\""))
        #expect(moved.contains("name=\"data.user_ranges.1.start\" type=\"text\" value=\"1\""))
        #expect(moved.contains("value=\"up:user_ranges.1\"") && !moved.contains("value=\"up:user_ranges.0\""))
        #expect(try server.get(contexts, token).rows.isEmpty)
    }

    @Test func whatAButtonDidIsOpenAndInSight() throws {
        let callflows = "/v2/accounts/\(server.master.account)/callflows"
        let form = try page("\(callflows)?form=new").text
        #expect(form.contains("<details class=\"group\" id=\"data.flow\">"))
        let button = "value=\"add:flow.children\" formaction=\"\(callflows)#data.flow.children\""
        #expect(form.contains(button))
        let grown = try post(callflows, "verb=put&form=add:flow.children&key.flow.children=_").text
        for group in ["flow", "flow.children"] {
            #expect(grown.contains("<details class=\"group\" id=\"data.\(group)\" open>"), "\(group)")
        }
        #expect(grown.contains("<fieldset class=\"row\" id=\"data.flow.children._\">"))
    }

    @Test func whatTheSchemaDoesNotKnowSurvivesAForm() throws {
        let document: JSON = ["first_name": "A", "last_name": "B", "extra": ["a": [1, true]], "flags": ["x", "y"]]
        let id = try server.put(users, document, token).id
        let form = try page("\(users)/\(id)?form=edit").text
        #expect(form.contains("name=\"json.extra\" value=\"{&quot;a&quot;:[1,true]}\""))
        let answer = try post(
            "\(users)/\(id)",
            "data.first_name=A&data.last_name=C&data.flags=x%0D%0Ay&json.extra=%7B%22a%22%3A%5B1%2Ctrue%5D%7D"
        )
        #expect(answer.status == 303)
        let user = try server.get("\(users)/\(id)", token).data
        #expect(user["last_name"] == "C" && user["extra"] == ["a": [1, true]] && user["flags"] == ["x", "y"])
    }

    @Test func aFieldInJSONIsNoDeeperThanADocument() throws {
        let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        #expect(try post(users, "verb=put&data.first_name=A&data.last_name=B&json.a.b.c.d.e.f=\(deep)").status == 400)
        #expect(try post(users, "verb=put&data.first_name=A&data.last_name=B&json.a=\(deep)").status == 303)
        #expect(try server.get(users, token).rows.count == 2)
    }

    @Test func thePastIsShownAndComesBack() throws {
        let id = try server.put(users, ["first_name": "Ada", "last_name": "Byron", "flags": ["x"]], token).id
        _ = try server.send("PATCH", "\(users)/\(id)", ["last_name": "King"], token)
        let past = try page("\(users)/\(id)?form=history").text
        #expect(past.contains("<th scope=\"row\">Last name</th><td>Byron</td><td>King</td>"))
        #expect(past.contains("name=\"json.last_name\" value=\"&quot;Byron&quot;\""))
        let form = "json.first_name=%22Ada%22&json.last_name=%22Byron%22&json.flags=%5B%22x%22%5D"
        #expect(try post("\(users)/\(id)", form).status == 303)
        let user = try server.get("\(users)/\(id)", token).data
        #expect(user["last_name"] == "Byron" && user["flags"] == ["x"])
    }

    @Test func deletingAsksOnceAndSaysWhatNamesIt() throws {
        let id = try server.put(users, ["first_name": "Ada", "last_name": "Byron"], token).id
        let devices = "/v2/accounts/\(server.master.account)/devices"
        _ = try server.put(devices, ["name": "Ada's desk", "owner_id": .string(id)], token)
        let question = try page("\(users)/\(id)?form=delete")
        #expect(question.text.contains("Ada&#39;s desk") && question.text.contains("which then leads nowhere"))
        #expect(try server.get("\(users)/\(id)", token).status == 200)
        let answer = try post("\(users)/\(id)", "verb=delete")
        #expect(answer.status == 303)
        #expect(answer.fields[.location]?.hasPrefix("\(users)?said=deleted") == true)
        #expect(try server.get("\(users)/\(id)", token).status == 404)
    }

    @Test func emptyBoxesAreNoFilters() throws {
        _ = try server.put(
            users,
            ["first_name": "Ada", "last_name": "Byron", "username": "ada", "password": "x"],
            token
        )
        let answer = try page("\(users)?ascending=true&filter_username=ada&filter_email=&narrow=true")
        #expect(answer.status == 303)
        #expect(answer.fields[.location] == "\(users)?ascending=true&filter_username=ada")
        let list = try page("\(users)?ascending=true&filter_username=ada")
        #expect(list.text.contains("Byron, Ada") && !list.text.contains("Admin, Account"))
    }

    @Test func theNextPageKeepsTheQuestion() throws {
        for number in 1...3 {
            _ = try server.put(users, ["first_name": .string("P\(number)"), "last_name": "Q"], token)
        }
        let text = try page("\(users)?filter_last_name=Q&page_size=2").text
        #expect(text.contains("\(users)?filter_last_name=Q&amp;page_size=2&amp;start_key="))
    }

    @Test func aLongListStaysSmall() throws {
        for number in 1...60 {
            let user: JSON = [
                "first_name": .string("Person number \(number)"), "last_name": "Of the company",
                "username": .string("person.number\(number)"), "password": "secret",
                "email": .string("person.number\(number)@example.com"), "timezone": "Europe/Amsterdam",
            ]
            _ = try server.put(users, user, token)
        }
        let list = try page(users)
        #expect(list.bytes.count < 30_000, "\(list.bytes.count) bytes")
        #expect(list.text.contains("61 users"))
    }

    @Test func aStrangerIsAskedToLogInAndGetsBack() throws {
        let answer = try server.send("GET", "\(users)?ascending=true", fields: ["HTTP_ACCEPT": "text/html"])
        #expect(answer.status == 401)
        #expect(answer.text.contains("name=\"next\" value=\"\(users)?ascending=true\""))
        let start = try server.send("GET", "/", fields: ["HTTP_ACCEPT": "text/html"])
        #expect(start.status == 303 && start.fields[.location] == "/login")
        #expect(try server.send("GET", "/").text.hasPrefix("Jackfield "))
        let evil = try server.send("GET", "/login?next=//evil.example")
        #expect(evil.text.contains("name=\"next\" value=\"/\""))
    }

    @Test(arguments: ["/docs", "/docs/users", "/docs/accounts", "/login"])
    func pagesForEverybody(path: String) throws {
        let answer = try server.send("GET", path)
        #expect(answer.status == 200 && answer.text.hasPrefix("<!DOCTYPE html>"))
        #expect(try server.send("POST", path).status == 405)
    }
}
