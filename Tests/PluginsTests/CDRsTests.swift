//  Call detail records: brought by a switch, read by time, as conversations, as a table, and from a file.

import PluginKit
import Plugins
import TestServer
import Testing

@Suite("B6: call detail records") struct CDRsTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var path: String { "/v2/accounts/\(tenant.account)/cdrs" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    /// A leg that ended some seconds before now.
    private func leg(_ call: String, ago: Int64, interaction: Int? = nil, _ more: JSONObject = [:]) -> JSON {
        let end = Int(TestServer.start + gregorianOffset - ago)
        var fields: JSONObject = [
            "call_id": .string(call), "timestamp": .number(JSONNumber(end)), "duration_seconds": 30,
            "billing_seconds": 20, "call_direction": "inbound", "caller_id_number": "+12125550100",
            "caller_id_name": "Smith, \"Jo\"", "request": "1001@example.com", "hangup_cause": "NORMAL_CLEARING",
        ]
        if let interaction { fields["interaction_id"] = .string("\(end - 100)-\(interaction)") }
        for (name, value) in more { fields[name] = value }
        return .object(fields)
    }

    @Test func aSwitchBringsOneOrMany() throws {
        let one = try server.put(path, leg("call-1", ago: 100), tenant.adminToken)
        let id = try one.id
        #expect(id.hasSuffix("-call-1"))
        #expect(one.fields[.location] == "\(path)/\(id)")
        #expect(try server.get("\(path)/\(id)", tenant.adminToken).data == one.data)
        let many: JSON = [leg("call-2", ago: 90), leg("call-3", ago: 80)]
        let body = JSON.object(["data": many]).text()
        let answer = try server.send("PUT", path, body, token: tenant.adminToken)
        #expect(answer.status == 201)
        #expect(answer.data["succeeded"]?.array?.count == 2)
        // The same again changes nothing.
        _ = try server.send("PUT", path, body, token: tenant.adminToken)
        let rows = try server.get(path, tenant.adminToken).rows
        #expect(rows.map { $0["call_id"]?.string } == ["call-3", "call-2", "call-1"])
    }

    @Test func allAreStoredOrNone() throws {
        let many: JSON = [leg("call-1", ago: 1), ["caller_id_name": "nobody"], leg("c", ago: 1, ["unknown": 1])]
        let refused = try server.send("PUT", path, JSON.object(["data": many]).text(), token: tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data["1.call_id"]?["required"] != nil)
        #expect(refused.data["2"] != nil || refused.data["2.unknown"] != nil)
        #expect(try server.get(path, tenant.adminToken).rows.isEmpty)
    }

    @Test func timesThatNobodyCanMeanAreRefused() throws {
        let future = try server.send("PUT", path, leg("call-1", ago: -100_000), tenant.adminToken)
        #expect(future.data["timestamp"]?["maximum"] != nil)
        let far = try server.send(
            "PUT",
            path,
            leg("call-1", ago: 0, ["interaction_id": "99999999999-x"]),
            tenant.adminToken
        )
        #expect(far.data["interaction_id"]?["date_range"] != nil)
        let word = try server.send("PUT", path, leg("call-1", ago: 0, ["interaction_id": "x"]), tenant.adminToken)
        #expect(word.data["interaction_id"]?["pattern"] != nil)
        // Channels' times in whatever unit only order the legs.
        let odd = leg("call-1", ago: 0, ["channel_created_time": 9_000_000_000_000_000_000])
        let id = try #require(server.put(path, odd, tenant.adminToken).data["interaction_id"]?.string)
        #expect(try server.get("\(path)/legs/\(id)", tenant.adminToken).rows.count == 1)
        #expect(try server.get("\(path)/interaction", tenant.adminToken).rows.count == 1)
    }

    @Test func aRowHasCrossbarsColumns() throws {
        _ = try server.put(path, leg("call-1", ago: 0), tenant.adminToken)
        let row = try #require(server.get("\(path)?utc_offset=3600", tenant.adminToken).rows.first)
        let columns = """
            id call_id caller_id_number caller_id_name callee_id_number callee_id_name duration_seconds \
            billing_seconds timestamp hangup_cause other_leg_call_id owner_id to from direction request \
            authorizing_id cost dialed_number calling_from datetime unix_timestamp unix_timestamp_micro rfc_1036 \
            iso_8601 iso_8601_combined call_type rate rate_name bridge_id recording_url media_recordings \
            media_server call_priority interaction_id
            """
        #expect(row.object?.keys == columns.split(separator: " ").map(String.init))
        // Half a minute before 2027-01-15 08:00:00, a Friday.
        #expect(row["unix_timestamp"] == "1799999970")
        #expect(row["timestamp"]?.string == String(1_799_999_970 + gregorianOffset))
        #expect(row["datetime"] == "2027-01-15 08:59:30")
        #expect(row["rfc_1036"] == "Fri, 15 Jan 2027 07:59:30 GMT")
        #expect(row["iso_8601"] == "2027-01-15")
        #expect(row["iso_8601_combined"] == "2027-01-15T07:59:30Z")
        #expect(row["dialed_number"] == "1001" && row["calling_from"] == "+12125550100")
        #expect(row["cost"] == "0" && row["rate"] == "0.0")
        #expect(row["callee_id_name"] == "")
        let refused = try server.get("\(path)?utc_offset=soon", tenant.adminToken)
        #expect(refused.status == 404)
        #expect(refused.data["message"] == "utc_offset must be a number")
    }

    /// Rows are kept with their records; where a client's clock differs, they are made.
    @Test func aRowThatIsKeptIsTheOneThatIsMade() throws {
        let older = CallRecord(leg("older", ago: 5).object ?? [:], now: TestServer.start)
        let log = server.kit.records(of: tenant.account)
        try log.append([log.record("cdr", time: older.time, id: older.id, .object(older.fields))])
        _ = try server.put(path, leg("newer", ago: 4), tenant.adminToken)
        let long = String(repeating: "x", count: 1_200_000)
        _ = try server.put(path, leg("long", ago: 3, ["hangup_cause": .string(long)]), tenant.adminToken)
        for token in [tenant.adminToken, server.master.adminToken] {
            let kept = try server.get(path, token).rows
            #expect(kept.map { $0["call_id"] } == ["long", "newer", "older"])
            let made = try server.get("\(path)?utc_offset=3600", token).rows
            for (kept, made) in zip(kept, made) {
                #expect(kept.object?.keys == made.object?.keys)
                for (name, value) in try #require(kept.object) where name != "datetime" {
                    #expect(made[name] == value, "\(name)")
                }
            }
            for row in kept {
                let id = row["id"]?.string ?? ""
                let whole = try server.get("\(path)/\(id)", server.master.adminToken)
                #expect(id.hasSuffix("older") ? whole.status == 404 : whole.data["call_id"] == row["call_id"])
            }
        }
    }

    @Test func whatACallCostIsForWhoPaysAndForWhoResells() throws {
        let variables: JSON = [
            "account_billing": "per_minute", "reseller_billing": "limits", "rate": "120", "rate_name": "US",
            "surcharge": "50", "rate_minimum": "30", "rate_increment": "6",
        ]
        // 45 seconds: 30 at first, and three steps of 6 after them, of 2 units a second, and the surcharge.
        let fields: JSONObject = [
            "custom_channel_vars": variables, "billing_seconds": 45, "call_direction": "outbound",
            "to": "+31205550100@example.com", "from_uri": "1001@example.com",
        ]
        _ = try server.put(path, leg("call-1", ago: 0, fields), tenant.adminToken)
        let own = try #require(server.get(path, tenant.adminToken).rows.first)
        #expect(own["cost"] == "146" && own["rate"] == "0.012" && own["call_type"] == "per_minute")
        #expect(own["dialed_number"] == "+31205550100" && own["calling_from"] == "1001")
        #expect(own["reseller_cost"] == nil && own["reseller_call_type"] == nil)
        let above = try #require(server.get(path, server.master.adminToken).rows.first)
        #expect(above["reseller_cost"] == "0" && above["reseller_call_type"] == "limits")
        _ = try server.put("/v2/accounts/\(tenant.account)/reseller", [:], server.master.adminToken)
        let token = try server.token(tenant.account, tenant.admin)
        #expect(try server.get(path, token).rows.first?["reseller_cost"] == "0")
    }

    @Test func aCallIsFoundByItsIdWithAndWithoutItsMonth() throws {
        for call in ["call-1", "call-2"] { _ = try server.put(path, leg(call, ago: 0), tenant.adminToken) }
        for id in ["call-1", "202701-call-1"] {
            let rows = try server.get("\(path)?filter_call_id=\(id)", tenant.adminToken).rows
            #expect(rows.map { $0["call_id"] } == ["call-1"])
        }
    }

    @Test func aTableQuotesWhatNeedsIt() throws {
        _ = try server.put(path, leg("call-1", ago: 0), tenant.adminToken)
        let table = try server.get("\(path)?accept=csv", tenant.adminToken)
        #expect(table.fields[.contentType]?.hasPrefix("text/csv") == true)
        #expect(table.fields[.contentDisposition]?.hasPrefix("attachment") == true)
        let lines = table.text.split(separator: "\r\n")
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("id,call_id,caller_id_number") == true)
        #expect(lines.last?.contains("\"Smith, \"\"Jo\"\"\"") == true)
    }

    @Test func legsOfOneConversationStandTogether() throws {
        let interaction = 1
        // They come in any order; the channel's time says which was first.
        let first = leg("a", ago: 50, interaction: interaction, ["channel_created_time": 1_799_999_900_000_001])
        let id = try #require(first["interaction_id"])
        let second = leg("b", ago: 49, ["channel_created_time": 1_799_999_900_000_002, "interaction_id": id])
        for leg in [second, first] { _ = try server.put(path, leg, tenant.adminToken) }
        _ = try server.put(path, leg("c", ago: 10), tenant.adminToken)
        let rows = try server.get("\(path)/interaction?page_size=50", tenant.adminToken).rows
        #expect(rows.map { $0["call_id"]?.string } == ["c", "a"])
        let text = try #require(id.string)
        let legs = try server.get("\(path)/legs/\(text)", tenant.adminToken).rows
        #expect(legs.map { $0["call_id"]?.string } == ["a", "b"])
        #expect(legs.first?["channel_created_time"] == 1_799_999_900_000_001)
        let byLeg = try #require(legs.last?["id"]?.string)
        #expect(try server.get("\(path)/legs/\(byLeg)", tenant.adminToken).rows.count == 2)
        let unknown = try server.get("\(path)/legs/nobody", tenant.adminToken)
        #expect(unknown.status == 404)
        #expect(unknown.data["message"] == "could not find legs for supplied id")
        #expect(
            try server.get("\(path)/202701-nobody", tenant.adminToken).data["message"]
                == "could not find cdr with supplied id"
        )
    }

    @Test func aListIsOfATimeAndAUserSeesHisOwn() throws {
        let account = "/v2/accounts/\(tenant.account)"
        let user = try server.put("\(account)/users", ["first_name": "A", "last_name": "B"], tenant.adminToken).id
        let token = try server.token(tenant.account, user)
        let day: Int64 = 86_400
        for (call, ago) in [("new", 10), ("week", 7 * day), ("old", 40 * day)] {
            let own: JSONObject = ["custom_channel_vars": ["owner_id": .string(user)]]
            _ = try server.put(path, leg(call, ago: ago, call == "new" ? [:] : own), tenant.adminToken)
        }
        func calls(_ target: String, _ token: String) throws -> [String?] {
            try server.get(target, token).rows.map { $0["call_id"]?.string }
        }
        #expect(try calls(path, tenant.adminToken) == ["new", "week"])
        let now = TestServer.start + gregorianOffset
        let long = try server.get("\(path)?created_from=\(now - 40 * day)&created_to=\(now)", tenant.adminToken)
        #expect(long.data["created_from"]?["date_range"] != nil)
        let before = "\(path)?created_from=\(now - 50 * day)&created_to=\(now - 30 * day)"
        #expect(try calls(before, tenant.adminToken) == ["old"])
        #expect(try calls("\(path)?ascending=true", tenant.adminToken) == ["week", "new"])
        #expect(try calls("\(path)?filter_call_id=week", tenant.adminToken) == ["week"])
        #expect(try server.get(path, token).status == 403)
        #expect(try calls("\(account)/users/\(user)/cdrs", token) == ["week"])
        #expect(try calls("\(account)/users/\(user)/cdrs/interaction", token) == ["week"])
        let ids = try server.get(path, tenant.adminToken).rows.map { $0["id"]?.string ?? "" }
        #expect(try ids.map { try server.get("\(account)/users/\(user)/cdrs/\($0)", token).status } == [404, 200])
        let summary = try server.get("\(path)/summary", tenant.adminToken).data
        #expect(summary["legs"] == 2)
        #expect(summary["billing_seconds"] == 40)
    }

    @Test func pagesCoverAListOnceInBothOrders() throws {
        let legs = (0..<7).map { leg("call-\($0)", ago: Int64($0 / 2)) }
        _ = try server.send("PUT", path, JSON.object(["data": .array(legs)]).text(), token: tenant.adminToken)
        for kind in ["", "/interaction"] {
            for order in ["", "&ascending=true"] {
                var ids: [String] = []
                var start = ""
                repeat {
                    let page = try server.get("\(path)\(kind)?page_size=3\(order)\(start)", tenant.adminToken)
                    ids += page.rows.compactMap { $0["id"]?.string }
                    start = page.json["next_start_key"]?.string.map { "&start_key=\($0)" } ?? ""
                } while !start.isEmpty
                #expect(Set(ids).count == 7)
                #expect(ids.count == 7)
            }
            #expect(try server.get("\(path)\(kind)?paginate=false", tenant.adminToken).rows.count == 7)
        }
    }

    /// A file, how many records it has, and how many lines are refused.
    static let files: [(String, Int, Int)] = [
        ("{\"call_id\":\"a\"}\n{\"call_id\":\"b\",\"duration_seconds\":5}\n", 2, 0),
        ("{\"call_id\":\"a\"}\r\n\r\n{\"call_id\":\"b\"}", 2, 0),
        ("{\"call_id\":\"a\"}\nnonsense\n{\"no\":1}\n", 1, 2),
        ("\u{FEFF}call_id,caller_id_name,duration_seconds\r\na,\"Smith, Jo\",5\r\nb,,\r\n", 2, 0),
        ("call_id,caller_id_name\na,\"two\nlines\"\nb,\"say \"\"hi\"\"\"\n", 2, 0),
        ("call_id,custom_channel_vars.owner_id\na,u\nb\n", 1, 1),
        ("call_id,duration_seconds\na,long\n", 0, 1),
        ("", 0, 0),
    ]

    @Test(arguments: files)
    func aFileIsReadPieceByPiece(text: String, stored: Int, refused: Int) throws {
        for size in [1, 7, 1_000] {
            var reading = try CallRecordImport(server.kit, account: tenant.account, now: TestServer.start) { _ in }
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                try reading.take(bytes[start..<min(start + size, bytes.count)])
            }
            let result = try reading.finish()
            #expect(result.stored == stored)
            #expect(result.refused == refused)
            #expect(try server.get(path, tenant.adminToken).rows.count == stored)
        }
    }

    @Test func aTablesCellsKeepTheirText() throws {
        var reading = try CallRecordImport(server.kit, account: tenant.account, now: TestServer.start) { _ in }
        try reading.take("call_id,caller_id_name,custom_channel_vars.owner_id\na,\"say \"\"hi\"\"\nthere\",u1\n".utf8)
        _ = try reading.finish()
        let row = try server.get(path, tenant.adminToken).rows.first
        #expect(row?["caller_id_name"] == "say \"hi\"\nthere")
        #expect(row?["owner_id"] == "u1")
    }
}
