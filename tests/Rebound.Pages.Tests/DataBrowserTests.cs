using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Rebound.Pages.Tests;

/// <summary>Trajectories and runs in a real browser.</summary>
public sealed class DataBrowserTests
{
    [Fact]
    public async Task A_person_filters_the_table_opens_a_row_and_comes_back()
    {
        await using var server = await LookingServer.StartAsync(looking => looking.Write(
            "data/log.jsonl", [.. Enumerable.Range(0, 60).Select(row => Row($"q{row}", row % 2 == 0))]));
        await using var opened = await OpenPage.AtAsync(new Uri(server.Address, "trajectories"));
        var page = opened.Page;
        await Accessible(page);

        await page.GetByLabel("Outcome").SelectOptionAsync("positive");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Show" }).ClickAsync();
        await page.GetByText("30 of 60 rows").WaitForAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "characters" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "q2", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "q2" }).WaitForAsync();
        await Accessible(page);
        await page.GoBackAsync();

        Assert.Equal("?outcome=positive&sort=length", new Uri(page.Url).Query);
        Assert.Equal("positive", await page.GetByLabel("Outcome").InputValueAsync());
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task A_run_is_followed_and_what_is_open_stays_open()
    {
        await using var server = await LookingServer.StartAsync(looking => looking.Write("runs/one/metrics.jsonl", Step(1), Step(2)));
        await using var opened = await OpenPage.AtAsync(new Uri(server.Address, "runs"), width: 360);
        var page = opened.Page;
        await Accessible(page);
        await page.Locator("#numbers-loss summary").ClickAsync();

        File.AppendAllText(Path.Combine(server.Root, "runs/one/metrics.jsonl"), Step(3) + "\n");
        server.Wait();

        await page.Locator("#numbers-loss").GetByRole(AriaRole.Rowheader, new LocatorGetByRoleOptions { Name = "3", Exact = true })
            .WaitForAsync();
        Assert.True(await page.Locator("#numbers-loss").EvaluateAsync<bool>("details => details.open"));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        Assert.Empty(opened.Complaints);
    }

    private static async Task Accessible(IPage page)
    {
        var result = await page.RunAxe();
        Assert.Empty(result.Violations.Select(violation => $"{violation.Id}: {violation.Help} {Where(violation)}"));
    }

    private static string Where(AxeResultItem violation) => string.Join("; ", violation.Nodes.Take(3).Select(node => $"{node.Html} {node.Any.FirstOrDefault()?.Message}"));

    private static string Row(string id, bool right) =>
        $"{{\"id\": \"{id}\", \"reward\": {(right ? 1 : 0)}, \"conversations\": [{{\"role\": \"user\", \"content\": \"ask\"}}, "
        + $"{{\"role\": \"assistant\", \"content\": \"Thought: {id}.\\nAction: finish[yes]\"}}]}}";

    private static string Step(int step) => $"{{\"step\":{step},\"loss\":{5 - step},\"seconds\":0.5,\"tokens\":100}}";
}
