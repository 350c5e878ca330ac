//  jackfield openapi: the description of the server for programs, without a server.

import ArgumentParser
import Gateway
import JSON
import PluginKit

struct DescribeAPI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi",
        abstract: "Prints the OpenAPI description of the server, as GET /v2/openapi.json answers it."
    )

    @OptionGroup var options: PluginOptions

    func run() throws {
        try Application.withScratch(plugins: options.read().plugins) { application in
            print(OpenAPIDescription(application.kit).json.text(.pretty))
        }
    }
}
