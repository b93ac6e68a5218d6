namespace Rebound.Testing;

/// <summary>Servers of tools that run on Node; tests that use them skip where it, or the server, is absent.</summary>
internal static class NodeServer
{
    /// <summary>The command line of <c>cases/agents/mcp/srv.mjs</c>.</summary>
    public static string[] Case(params string[] arguments) => [Node(), SharedData.Path("cases/agents/mcp/srv.mjs"), .. arguments];

    /// <summary>The command line of a server of npm's, which <c>scripts/mcp-servers</c> installs.</summary>
    /// <param name="package">For example <c>server-everything</c>.</param>
    public static string[] Package(string package, params string[] arguments)
    {
        var program = Path.Combine(
            SharedData.RepositoryRoot, "tests/mcp-servers/node_modules/@modelcontextprotocol", package, "dist/index.js");
        Assert.SkipUnless(File.Exists(program), $"The server {package} is not installed: scripts/mcp-servers does that.");
        return [Node(), program, .. arguments];
    }

    private static string Node()
    {
        var names = OperatingSystem.IsWindows() ? "node.exe" : "node";
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder =>
            Path.Combine(folder, names)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, "Node.js is not installed.");
        return found!;
    }
}
