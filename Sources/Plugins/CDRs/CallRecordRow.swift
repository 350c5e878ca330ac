//  What a list shows of a call detail record. Source: Crossbar's columns, in its order.

import PluginKit

enum CallRecordRow {
    /// The columns of a record; one that it lacks is an empty text, and all times are texts.
    ///
    /// - Parameter utcOffset: seconds by which the clock of `datetime` differs from UTC.
    static func of(_ record: CallRecord, utcOffset: Int64) -> JSONObject {
        let began = record.began
        let variables = record.fields["custom_channel_vars"]
        let gregorian = String(began + gregorianOffset)
        func field(_ name: String) -> JSON { record.fields[name] ?? "" }
        func variable(_ name: String) -> JSON { variables?[name] ?? "" }
        return [
            "id": .string(record.id.text),
            "call_id": field("call_id"),
            "caller_id_number": field("caller_id_number"),
            "caller_id_name": field("caller_id_name"),
            "callee_id_number": field("callee_id_number"),
            "callee_id_name": field("callee_id_name"),
            "duration_seconds": field("duration_seconds"),
            "billing_seconds": field("billing_seconds"),
            "timestamp": .string(gregorian),
            "hangup_cause": field("hangup_cause"),
            "other_leg_call_id": field("other_leg_call_id"),
            "owner_id": variable("owner_id"),
            "to": field("to"),
            "from": field("from"),
            "direction": field("call_direction"),
            "request": field("request"),
            "authorizing_id": variable("authorizing_id"),
            "cost": "",
            "dialed_number": number(in: field("request")),
            "calling_from": number(in: field("from")),
            "datetime": .string(CallTime.dateAndTime(began + utcOffset)),
            "unix_timestamp": .string(String(began)),
            "unix_timestamp_micro": .string(String(began * 1_000_000)),
            "rfc_1036": .string(CallTime.rfc1036(began)),
            "iso_8601": .string(String(timestamp(began).prefix(10))),
            "iso_8601_combined": .string(timestamp(began)),
            "call_type": variable("account_billing"),
            "rate": variable("rate"),
            "rate_name": variable("rate_name"),
            "bridge_id": variable("bridge_id"),
            "recording_url": field("recording_url"),
            "media_recordings": variable("media_recordings"),
            "media_server": field("media_server"),
            "call_priority": variable("call_priority"),
            "interaction_id": .string(record.interaction),
        ]
    }

    /// The part of a SIP address in front of its realm.
    private static func number(in address: JSON) -> JSON {
        .string(String(address.string?.split(separator: "@", maxSplits: 1).first ?? ""))
    }
}

/// Times as the columns write them.
enum CallTime {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `2026-11-22 09:30:00`.
    static func dateAndTime(_ seconds: Int64) -> String {
        timestamp(seconds).replacing("T", with: " ").replacing("Z", with: "")
    }

    /// `Sun, 22 Nov 2026 09:30:00 GMT`. Source: RFC 1036 §2.1.2 and RFC 1123 §5.2.14.
    static func rfc1036(_ seconds: Int64) -> String {
        let text = timestamp(seconds)
        let parts = text.prefix(10).split(separator: "-")
        // 1970-01-01 was a Thursday.
        let day = days[Int(((seconds / 86_400) % 7 + 11) % 7)]
        guard parts.count == 3, let month = Int(parts[1]), months.indices.contains(month - 1) else { return text }
        return "\(day), \(parts[2]) \(months[month - 1]) \(parts[0]) \(text.dropFirst(11).prefix(8)) GMT"
    }
}
