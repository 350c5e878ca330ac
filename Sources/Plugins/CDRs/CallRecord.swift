//  One call detail record: its id, its times, and which conversation it is a part of.

import PluginKit

/// What became of one leg of a call.
package struct CallRecord: Equatable, Sendable {
    /// `YYYYMM-` and the call's id, so that the month can be told from the id.
    package let id: DocumentID
    /// When the leg ended, in Unix seconds.
    package let time: Int64
    /// As the schema has them, with `interaction_id` and `timestamp` filled in.
    package let fields: JSONObject

    /// - Parameters:
    ///   - fields: valid by the schema.
    ///   - now: Unix seconds; when the leg ended, if the record does not say so.
    package init(_ fields: JSONObject, now: Int64) {
        var fields = fields
        let call = fields["call_id"]?.string ?? ""
        var ended = (fields["timestamp"]?.int).map(Int64.init) ?? now + gregorianOffset
        // No call ended before 1970: such a time is one in Unix seconds.
        if ended < gregorianOffset { ended += gregorianOffset }
        ended = min(max(ended, gregorianOffset), Self.lastSecond)
        fields["timestamp"] = .number(JSONNumber(Int(ended)))
        time = ended - gregorianOffset
        let began = ended - Int64(min(max(fields["duration_seconds"]?.int ?? 0, 0), 1_000_000))
        if fields["interaction_id"]?.string == nil {
            fields["interaction_id"] = .string("\(began)-\(digest(of: call).prefix(8))")
        }
        id = DocumentID("\(CalendarMonth(containing: time))-\(Self.pathWord(call))")
        self.fields = fields
    }

    /// What the schema cannot say: times that no switch can have meant, which would lie in months that nobody looks at.
    ///
    /// - Parameter now: Unix seconds.
    func violations(now: Int64) -> Violations {
        var violations = Violations()
        if time > now + Self.clockDifference {
            let latest = JSON.gregorian(now + Self.clockDifference)
            violations.add(
                path: "timestamp",
                rule: "maximum",
                message: "A call cannot have ended in the future",
                target: latest
            )
        }
        if abs(interactionTime - began) > Self.longestConversation {
            violations.add(
                path: "interaction_id",
                rule: "date_range",
                message: "The time in front of the id is not that of the call",
                cause: .string(interaction)
            )
        }
        return violations
    }

    /// How far the clocks of switches may be ahead, in seconds.
    private static let clockDifference: Int64 = 86_400
    /// How far apart the legs of one conversation can begin, in seconds: 31 days.
    private static let longestConversation: Int64 = 2_678_400

    /// A record as it is stored.
    init?(_ stored: StoredRecord) {
        guard let fields = CallRecordBody(stored: stored.body).fields else { return nil }
        id = stored.id
        time = stored.time
        self.fields = fields
    }

    /// The last second of the year 9999, in Gregorian seconds.
    private static let lastSecond: Int64 = 315_569_519_999

    /// When the leg began, in Unix seconds.
    var began: Int64 { time - Int64(min(max(fields["duration_seconds"]?.int ?? 0, 0), 1_000_000)) }

    /// When the leg's channel was made, in microseconds: for the order of the legs of a conversation.
    var channelCreated: Int {
        let created = fields["channel_created_time"]?.int ?? 0
        return created > 0 ? created : Int(began) * 1_000_000
    }

    var interaction: String { fields["interaction_id"]?.string ?? "" }

    /// When the conversation began, in Unix seconds: 11 digits of Gregorian seconds in front of its id.
    var interactionTime: Int64 {
        let seconds = Int64(interaction.prefix(11)) ?? 0
        return min(max(seconds - gregorianOffset, 0), Self.lastSecond - gregorianOffset)
    }

    var owner: String? { fields["custom_channel_vars"]?["owner_id"]?.string }

    /// With the id, as clients see it.
    var document: JSONObject {
        var document = fields
        document["id"] = .string(id.text)
        return document
    }

    /// A call's id as a word of a path; what would not fit there is replaced by a digest.
    private static func pathWord(_ call: String) -> String {
        let fits =
            call.utf8.count <= 128 && !call.isEmpty
            && call.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                    || (0x61...0x7A).contains($0) || "-._~@".utf8.contains($0)
            }
        return fits ? call : String(digest(of: call).prefix(32))
    }
}
