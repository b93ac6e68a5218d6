using Microsoft.Playwright;

namespace Rebound.Pages.Tests;

/// <summary>The frame in a real browser.</summary>
public sealed class BrowserTests
{
    [Fact]
    public async Task The_key_is_typed_and_lets_one_in()
    {
        await using var server = await PagesServer.LoadingAsync("the-key");
        await using var opened = await OpenPage.AtAsync(new Uri(server.Address, "sign-in?next=/no-such-page"));
        Assert.Empty(opened.Complaints);

        await opened.Page.Keyboard.TypeAsync("the-key");
        await opened.Page.Keyboard.PressAsync("Enter");

        await opened.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "There is no such page" }).WaitForAsync();
        Assert.Equal("/no-such-page", new Uri(opened.Page.Url).AbsolutePath);
    }
}
