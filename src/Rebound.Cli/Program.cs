Console.WriteLine("rebound");
