//  What carriers know of numbers and do with them. No carrier is connected: of what one would know the answer is empty
//  or says that it is not known, and what one would do is 501, and never a success.

import PluginKit

enum Carriers {
    /// Below the numbers of an account, which `root` is the path of.
    static func routes(below root: String) -> [PluginRoute] {
        [
            PluginRoute(RouteTemplate("\(root)/carriers_info"), information),
            PluginRoute(RouteTemplate("\(root)/prefix"), Route([(.get, .account(.user))]) { _ in Reply([:]) }),
            PluginRoute(RouteTemplate("\(root)/locality"), statuses { _ in [:] }),
            PluginRoute(
                RouteTemplate("\(root)/check"),
                statuses { numbers in JSON.object(JSONObject(numbers.map { ($0, "unknown") })) }
            ),
            PluginRoute(
                RouteTemplate("\(root)/{number}/port"),
                Route([(.put, .account(.admin))]) { _ throws(APIError) in
                    throw .notImplemented("No carrier is connected that could take the number over.")
                }
            ),
            // Numbers that are for sale: none.
            PluginRoute("/phone_numbers", Route([(.get, .anyone)]) { _ in Reply(.rows([])) }),
        ]
    }

    /// What a form for a new number may offer. Only those who bring numbers in choose a state.
    private static let information = Route([(.get, .account(.user))]) { call in
        let states: JSON = ["aging", "available", "in_service", "port_in", "reserved"]
        return Reply([
            "maximal_prefix_length": 3, "usable_carriers": ["local"],
            "usable_creation_states": call.caller?.isSuperduper == true ? states : [],
        ])
    }

    /// Answers for the numbers that `numbers` of the body names, each in its one spelling.
    private static func statuses(_ answer: @escaping @Sendable ([String]) -> JSON) -> Route {
        Route([(.post, .account(.user))]) { call throws(APIError) in
            let numbers = try PhoneNumbersResource.numbers(in: call.fields())
            return Reply(answer(numbers.map(TelephoneNumber.normalised)))
        }
    }
}
