using Rebound.Cli;

return CommandLine.Run(args);
