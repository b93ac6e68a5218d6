using Microsoft.Playwright;

namespace Rebound.Pages.Tests;

/// <summary>Debian's Chromium, started once for all tests of the pages (<c>scripts/browser</c> installs it).</summary>
internal static class Browser
{
    private const string Program = "/usr/bin/chromium";

    private static readonly Lazy<Task<IBrowser>> One = new(StartAsync);

    /// <summary>The browser; skips the test where there is none.</summary>
    public static Task<IBrowser> GetAsync()
    {
        Assert.SkipUnless(File.Exists(Program), $"There is no {Program}: scripts/browser installs it.");
        return One.Value;
    }

    private static async Task<IBrowser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
    }
}
