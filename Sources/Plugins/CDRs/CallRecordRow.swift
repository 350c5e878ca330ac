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
        let isOutbound = record.fields["call_direction"] == "outbound"
        let caller = number(in: field("from_uri") == "" ? field("from") : field("from_uri"))
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
            "cost": .string(CallCost.of(record, billing: "account_billing")),
            "dialed_number": number(in: isOutbound ? field("to") : field("request")),
            "calling_from": isOutbound || field("caller_id_number") == "" ? caller : field("caller_id_number"),
            "datetime": .string(CallTime.dateAndTime(began + utcOffset)),
            "unix_timestamp": .string(String(began)),
            "unix_timestamp_micro": .string(String(began * 1_000_000)),
            "rfc_1036": .string(CallTime.rfc1036(began)),
            "iso_8601": .string(String(timestamp(began).prefix(10))),
            "iso_8601_combined": .string(timestamp(began)),
            "call_type": variable("account_billing"),
            "rate": .string(CallCost.dollars(CallCost.number(variable("rate")) ?? 0)),
            "rate_name": variable("rate_name"),
            "bridge_id": variable("bridge_id"),
            "recording_url": field("recording_url"),
            "media_recordings": variable("media_recordings"),
            "media_server": field("media_server"),
            "call_priority": variable("call_priority"),
            "interaction_id": .string(record.interaction),
        ]
    }

    /// What a reseller's list has behind these.
    static func forReseller(_ record: CallRecord) -> JSONObject {
        [
            "reseller_cost": .string(CallCost.of(record, billing: "reseller_billing")),
            "reseller_call_type": record.fields["custom_channel_vars"]?["reseller_billing"] ?? "",
        ]
    }

    /// The part of a SIP address in front of its realm.
    private static func number(in address: JSON) -> JSON {
        .string(String(address.string?.split(separator: "@", maxSplits: 1).first ?? ""))
    }
}

/// What calls cost, in units of which 10,000 are a dollar; the switch that brought a record knows its rate.
enum CallCost {
    /// The cost of a call that is paid by the minute, as text; of any other `0`.
    ///
    /// - Parameter billing: the variable that tells how somebody pays.
    ///
    /// Source: Crossbar's: first `rate_minimum` seconds, then steps of `rate_increment` seconds, and a surcharge once.
    static func of(_ record: CallRecord, billing: String) -> String {
        guard let variables = record.fields["custom_channel_vars"], variables[billing] == "per_minute" else {
            return "0"
        }
        func number(_ name: String, else standard: Double) -> Double {
            Self.number(variables[name] ?? .null) ?? standard
        }
        let seconds = Double(record.fields["billing_seconds"]?.int ?? 0)
        guard seconds > 0 else { return "0" }
        let (least, step) = (number("rate_minimum", else: 60), max(1, number("rate_increment", else: 60)))
        let charged = least + max(0, ((seconds - least) / step).rounded(.up)) * step
        let cost = number("surcharge", else: 0) + charged / 60 * number("rate", else: 0)
        return cost.isFinite && abs(cost) < 1e15 ? String(Int(cost.rounded())) : "0"
    }

    /// `0.0125` for 125 units.
    static func dollars(_ units: Double) -> String { String(units / 10_000) }

    /// A number of whatever form: what a switch keeps with a call is text.
    static func number(_ value: JSON) -> Double? { value.controlText.flatMap { JSONNumber(text: $0)?.double } }
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
