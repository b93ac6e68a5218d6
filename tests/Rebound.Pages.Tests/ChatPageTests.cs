using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;
using static Microsoft.Playwright.Assertions;

namespace Rebound.Pages.Tests;

/// <summary>The chat in a real browser, with an agent that was trained to calculate, and wrongly under its other condition.</summary>
[Collection(ChatPageGroup.Name)]
public sealed partial class ChatPageTests(ChatPageFixture fixture)
{
    private const string Asked = "6-2?";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agents_work_appears_as_it_is_done()
    {
        var (called, calculates) = (NewSource(), NewSource());
        fixture.BeforeCalculating = async cancellation =>
        {
            called.TrySetResult();
            await calculates.Task.WaitAsync(cancellation);
        };
        await using var opened = await OpenAsync();
        var page = opened.Page;

        await AskAsync(page, Asked);
        await called.Task.WaitAsync(Cancellation);
        await Expect(page.Locator(".answer .call .said")).ToContainTextAsync("6-2");
        await Expect(page.Locator(".answer .observation")).ToHaveCountAsync(0);
        await Expect(page.Locator("#status")).ToHaveTextAsync("Answering…");
        await Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Send" })).ToBeDisabledAsync();
        calculates.SetResult();

        await Expect(page.Locator(".answer .observation .said")).ToHaveTextAsync("4");
        await Expect(page.Locator(".part.final .said")).ToHaveTextAsync("4");
        await Expect(page.Locator(".answer .facts")).ToContainTextAsync("2 turns");
        await Expect(page.Locator("#status")).ToHaveTextAsync("Answered.");
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task Escape_stops_the_work_on_the_server_too()
    {
        var (called, stopped) = (NewSource(), NewSource());
        fixture.BeforeCalculating = async cancellation =>
        {
            called.TrySetResult();
            await using var registration = cancellation.Register(stopped.SetResult);
            await Task.Delay(Timeout.Infinite, cancellation);
        };
        await using var opened = await OpenAsync();

        await AskAsync(opened.Page, Asked);
        await called.Task.WaitAsync(Cancellation);
        await Expect(opened.Page.Locator(".answer .call .said")).ToContainTextAsync("6-2");
        await opened.Page.Keyboard.PressAsync("Escape");

        await stopped.Task.WaitAsync(Cancellation);
        await Expect(opened.Page.Locator("#status")).ToHaveTextAsync("Stopped.");
        await Expect(opened.Page.Locator(".answer .call .said")).ToContainTextAsync("6-2");
        await Expect(opened.Page.Locator(".answer .good")).ToBeDisabledAsync();
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task A_question_is_changed_where_it_stands_and_an_answer_is_asked_for_again()
    {
        fixture.BeforeCalculating = null;
        await using var opened = await OpenAsync();
        var page = opened.Page;
        await AskAsync(page, "9-9?");
        await Expect(page.Locator("#status")).Not.ToHaveTextAsync("Answering…");

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Edit" }).ClickAsync();
        await page.Locator(".editing textarea").FillAsync(Asked);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".part.final .said")).ToHaveTextAsync("4");
        await Expect(page.Locator(".asked")).ToHaveTextAsync(Asked);
        await page.Locator("[name=model-a]").SelectOptionAsync("agent:negative");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Retry" }).ClickAsync();

        await Expect(page.Locator(".part.final .said")).ToHaveTextAsync("9");
        await Expect(page.Locator(".exchange")).ToHaveCountAsync(1);
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task Two_conditions_answer_side_by_side()
    {
        fixture.BeforeCalculating = null;
        await using var opened = await OpenAsync();
        var page = opened.Page;

        await page.GetByLabel("Compare with another").CheckAsync();
        await AskAsync(page, Asked);

        await Expect(page.GetByLabel("Answer of agent", new PageGetByLabelOptions { Exact = true }).Locator(".part.final .said"))
            .ToHaveTextAsync("4");
        await Expect(page.GetByLabel("Answer of agent:negative").Locator(".part.final .said")).ToHaveTextAsync("9");
        var boxes = await page.Locator(".answer").EvaluateAllAsync<double[]>("answers => answers.map(a => a.getBoundingClientRect().top)");
        Assert.Equal(boxes[0], boxes[1]);
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task Guidance_and_sampling_are_sent_and_what_the_server_says_is_shown()
    {
        fixture.BeforeCalculating = null;
        await using var opened = await OpenAsync();
        var page = opened.Page;
        string? sent = null;
        page.Request += (_, request) => sent = request.Url.EndsWith("/run", StringComparison.Ordinal) ? request.PostData : sent;

        await page.Locator("[name=guidance-a]").FillAsync("0.5");
        await page.GetByText("Sampling").ClickAsync();
        await page.GetByLabel("Most tokens").FillAsync("3");
        await page.GetByLabel("calculate").UncheckAsync();
        await AskAsync(page, Asked);

        await Expect(page.Locator(".part.problem .said")).ToContainTextAsync("The agent came to no answer (token limit)");
        Assert.Contains("\"guidance\":{\"weight\":0.5,\"condition\":\"negative\"}", sent);
        Assert.Contains("\"max_tokens\":3", sent);
        Assert.Contains("\"tools\":[]", sent);
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task Judged_answers_become_trajectories_that_training_reads()
    {
        fixture.BeforeCalculating = null;
        await using var opened = await OpenAsync();
        var page = opened.Page;
        await AskAsync(page, Asked);
        await Expect(page.Locator("#status")).ToHaveTextAsync("Answered.");

        await page.Locator(".bad").ClickAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync("1 to learn from");
        await page.Locator(".good").ClickAsync();
        await page.Locator(".good-whole").ClickAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync("2 to learn from");

        var name = SavedFile().Match((await page.Locator("#status").TextContentAsync())!).Groups[1].Value;
        var trajectories = new List<Trajectory>();
        await foreach (var trajectory in TrajectoryFile.ReadAsync(Path.Combine(fixture.SaveFolder, name), cancellation: Cancellation))
        {
            trajectories.Add(trajectory);
        }

        Assert.Equal(2, trajectories.Count);
        Assert.All(trajectories, trajectory => Assert.Equal(1, trajectory.Outcome.Reward));
        Assert.Equal(
            [Roles.User, Roles.Assistant, Roles.Tool, Roles.Assistant, Roles.Tool], trajectories[0].Turns.Select(turn => turn.Role));
        Assert.Equal([false, true, false, true, false], trajectories[0].Turns.Select(turn => turn.Loss));
        Assert.Equal("calculate", trajectories[0].Turns[1].ToolCalls[0].Name);
        Assert.NotNull(trajectories[0].Turns[1].Generated);
        Assert.NotNull(trajectories[0].Tools);

        await page.Locator(".good").ClickAsync();
        await page.Locator(".good-whole").ClickAsync();
        await Expect(page.Locator("#status")).ToHaveTextAsync("Nothing of this conversation is saved.");
        Assert.False(File.Exists(Path.Combine(fixture.SaveFolder, name)));
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task A_conversation_is_there_again_when_the_page_is_loaded_again()
    {
        fixture.BeforeCalculating = null;
        await using var opened = await OpenAsync();
        var page = opened.Page;
        await page.GetByLabel("Compare with another").CheckAsync();
        await AskAsync(page, Asked);
        await Expect(page.Locator("#status")).ToHaveTextAsync("Answered.");
        await page.Locator(".good").First.ClickAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync("1 to learn from");
        var file = SavedFile().Match((await page.Locator("#status").TextContentAsync())!).Groups[1].Value;
        await page.Locator("#question").FillAsync("And");
        var before = await page.Locator("#log").InnerTextAsync();
        string? sent = null;
        page.Request += (_, request) => sent = request.Url.EndsWith("/run", StringComparison.Ordinal) ? request.PostData : sent;

        await page.ReloadAsync();

        await Expect(page.Locator(".part.final .said")).ToHaveTextAsync(["4", "9"]);
        Assert.Equal(before, await page.Locator("#log").InnerTextAsync());
        await Expect(page.Locator("#question")).ToHaveValueAsync("And");
        await Expect(page.GetByLabel("Compare with another")).ToBeCheckedAsync();
        await Expect(page.Locator(".good").First).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Locator(".bad").Nth(1).ClickAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync($"{file}: 2 to learn from");
        await page.GetByLabel("Compare with another").UncheckAsync();
        await AskAsync(page, "8-1?");
        await Expect(page.Locator("#status")).ToHaveTextAsync("Answered.");
        Assert.Equal(
            ["user", "assistant", "tool", "assistant", "tool", "user"],
            JsonNode.Parse(sent!)!["messages"]!.AsArray().Select(message => (string)message!["role"]!));

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "New" }).ClickAsync();
        await page.ReloadAsync();
        await Expect(page.Locator(".exchange")).ToHaveCountAsync(0);
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task A_duplicated_tab_goes_on_by_itself_and_saves_what_is_judged_apart()
    {
        fixture.BeforeCalculating = null;
        await using var opened = await OpenAsync();
        var page = opened.Page;
        await AskAsync(page, Asked);
        await Expect(page.Locator("#status")).ToHaveTextAsync("Answered.");
        await page.Locator(".good").ClickAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync("1 to learn from");
        var file = SavedFile().Match((await page.Locator("#status").TextContentAsync())!).Groups[1].Value;

        // As browsers do it, the new tab begins with a copy of what the first one keeps.
        var copy = await page.RunAndWaitForPopupAsync(() => page.EvaluateAsync("() => { window.open(location.href); }"));

        await Expect(copy.Locator("#status")).ToContainTextAsync("a copy of another tab's conversation");
        await Expect(copy.Locator(".part.final .said")).ToHaveTextAsync("4");
        await Expect(copy.Locator(".good")).ToHaveAttributeAsync("aria-pressed", "false");
        await copy.Locator(".bad").ClickAsync();
        await Expect(copy.Locator("#status")).ToContainTextAsync("1 to learn from");
        Assert.NotEqual(file, SavedFile().Match((await copy.Locator("#status").TextContentAsync())!).Groups[1].Value);
        await copy.ReloadAsync();
        await Expect(copy.Locator(".bad")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(copy.Locator("#status")).Not.ToContainTextAsync("copy");
        await page.Locator(".good-whole").ClickAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync($"{file}: 2 to learn from");
        Assert.All(
            await File.ReadAllLinesAsync(Path.Combine(fixture.SaveFolder, file), Cancellation),
            row => Assert.Contains("\"reward\":true", row, StringComparison.Ordinal));
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task It_is_used_by_the_keyboard_alone()
    {
        fixture.BeforeCalculating = null;
        await using var opened = await OpenAsync();
        var page = opened.Page;
        await Expect(page.GetByLabel("Question", new PageGetByLabelOptions { Exact = true })).ToBeFocusedAsync();

        await page.Keyboard.TypeAsync("6-");
        await page.Keyboard.PressAsync("Shift+Enter");
        await page.Keyboard.PressAsync("Backspace");
        await page.Keyboard.TypeAsync("2?");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#status")).ToHaveTextAsync("Answered.");
        await Expect(page.Locator(".asked")).ToHaveTextAsync(Asked);

        // Backwards from the question: the last answer's judgements, its retry, and the question's edit.
        string[] expected = ["bad-whole", "good-whole", "bad", "good", "retry", "edit"];
        foreach (var name in expected)
        {
            await page.Keyboard.PressAsync("Shift+Tab");
            Assert.Contains($"{name} ", await page.EvaluateAsync<string>("document.activeElement.className + ' '"));
        }

        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".editing textarea")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Edit" })).ToBeFocusedAsync();
        Assert.Empty(opened.Complaints);
    }

    [Theory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    public async Task Nothing_keeps_people_out_and_nothing_overflows(int width, ColorScheme scheme)
    {
        fixture.BeforeCalculating = null;
        await using var opened = await OpenAsync(width, scheme);
        var page = opened.Page;
        await AskAsync(page, Asked);
        await Expect(page.Locator("#status")).ToHaveTextAsync("Answered.");

        var found = await page.RunAxe();

        Assert.Empty(found.Violations.Select(violation =>
            $"{violation.Id}: {string.Join(" ", violation.Nodes.Select(node => node.Html))}"));
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task What_a_model_or_a_person_says_is_text()
    {
        fixture.BeforeCalculating = null;
        await using var opened = await OpenAsync();

        await AskAsync(opened.Page, "<img src=x onerror=alert(1)><b>6</b>");

        await Expect(opened.Page.Locator(".asked")).ToHaveTextAsync("<img src=x onerror=alert(1)><b>6</b>");
        Assert.Equal(0, await opened.Page.Locator("#log b, #log img").CountAsync());
        await Expect(opened.Page.Locator("#status")).Not.ToHaveTextAsync("Answering…");
        Assert.Empty(opened.Complaints);
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The chat, deterministic.</summary>
    private async Task<OpenPage> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        SetDefaultExpectTimeout(30_000);
        var opened = await OpenPage.AtAsync(fixture.Server.Server.Address, width, 720, scheme);
        await opened.Page.Locator("[name=temperature]").EvaluateAsync("field => field.value = 0");
        return opened;
    }

    private static async Task AskAsync(IPage page, string question)
    {
        await page.GetByLabel("Question", new PageGetByLabelOptions { Exact = true }).FillAsync(question);
        await page.Keyboard.PressAsync("Enter");
    }

    [GeneratedRegex("Saved in (chat-[0-9a-f-]+\\.jsonl)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SavedFile();
}
