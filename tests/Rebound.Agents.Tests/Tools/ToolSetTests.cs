using Microsoft.Extensions.AI;
using Rebound.Agents.Tools;

namespace Rebound.Agents.Tests.Tools;

public sealed class ToolSetTests
{
    [Fact]
    public void Names_that_endpoints_do_not_take_have_an_alias_that_leads_back()
    {
        string[] names = ["web.search", "web/search", "web_search", "get-sum", "Read_File", "größe",
            new string('x', 70), new string('x', 80)];
        var tools = new ToolSet(names.Select(name => AIFunctionFactory.Create(() => name, name)));

        var safe = tools.All.Select(tools.SafeName).ToArray();

        Assert.Equal(
            ["web_search_2", "web_search_3", "web_search", "get-sum", "Read_File", "gr__e", new string('x', 64),
                $"{new string('x', 62)}_2"], safe);
        Assert.All(safe, name => Assert.True(ToolNames.IsSafe(name)));
        Assert.Equal(names, safe.Select(name => tools.FindCalled(name)!.Name));
        Assert.Equal(names, names.Select(name => tools.FindCalled(name)!.Name));
        Assert.Null(tools.FindCalled("web"));
    }
}
